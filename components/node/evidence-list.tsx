"use client";

import { StatusShape } from "#components/fleet/status-badge";
import { Button } from "#components/ui/button";
import { cn } from "#components/ui/cn";
import { HostileText } from "#components/ui/hostile-text";
import { useTimeMode } from "#components/ui/preferences";
import { formatInstant } from "#lib/client/format";
import { OUTCOME_WORDS, signatureWords } from "#lib/client/verdict-words";
import type { VerdictView } from "#lib/contracts/node";

/** A node's verdicts, newest first; one of them may be open beside it. */
export function EvidenceList({
  verdicts,
  selectedHash,
  hasOlder,
  loadingOlder,
  onSelect,
  onOlder,
}: {
  verdicts: readonly VerdictView[];
  selectedHash: string | null;
  hasOlder: boolean;
  loadingOlder: boolean;
  onSelect: (eventHash: string) => void;
  onOlder: () => void;
}) {
  return (
    <>
      <ul aria-label="Verdicts, newest first" className="divide-y divide-line">
        {verdicts.map((verdict) => (
          <li key={verdict.eventHash}>
            <VerdictRow
              verdict={verdict}
              selected={verdict.eventHash === selectedHash}
              onSelect={() => onSelect(verdict.eventHash)}
            />
          </li>
        ))}
      </ul>
      <div className="border-t border-line p-2">
        {hasOlder ? (
          <Button size="sm" onClick={onOlder} pending={loadingOlder} className="w-full">
            {loadingOlder ? "Loading older verdicts" : "Older"}
          </Button>
        ) : (
          <p className="px-1 text-small text-muted">This is the first verdict.</p>
        )}
      </div>
    </>
  );
}

function VerdictRow({
  verdict,
  selected,
  onSelect,
}: {
  verdict: VerdictView;
  selected: boolean;
  onSelect: () => void;
}) {
  const mode = useTimeMode();
  return (
    <button
      type="button"
      aria-current={selected || undefined}
      onClick={onSelect}
      className={cn(
        "flex w-full min-w-0 items-start gap-2 px-3 py-2 text-left focus-visible:outline-offset-[-2px]",
        selected ? "bg-selected" : "hover:bg-hover",
      )}
    >
      <StatusShape status={verdict.state} className="mt-[3px]" />
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline justify-between gap-3 text-data">
          <span className="font-medium">{OUTCOME_WORDS[verdict.outcome]}</span>
          <time
            dateTime={verdict.observedAt}
            className="text-small whitespace-nowrap text-muted tabular-nums"
          >
            {formatInstant(verdict.observedAt, { mode })}
          </time>
        </span>
        <span className="flex min-w-0 flex-wrap items-center gap-x-2 text-small text-muted">
          <HostileText text={verdict.sourceName} max={28} />
          {verdict.submod !== "" && <HostileText text={verdict.submod} max={20} className="font-mono" />}
          <span aria-hidden className="text-faint">
            ·
          </span>
          <span>{signatureWords(verdict).label}</span>
          {verdict.signature.kid !== null && (
            <HostileText text={verdict.signature.kid} max={16} className="font-mono" />
          )}
        </span>
      </span>
    </button>
  );
}
