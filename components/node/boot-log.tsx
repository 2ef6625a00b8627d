"use client";

import { useMemo, useState } from "react";
import { Badge } from "#components/ui/badge";
import { HostileText } from "#components/ui/hostile-text";
import { groupEvents, matchesEvent } from "#lib/client/event-log";
import { formatCount, formatPlural } from "#lib/client/format";
import type { BootEventView, BootLogView } from "#lib/contracts/event-log";
import { LogSection } from "./log-section.tsx";
import { JudgementBadge, RegisterChecks } from "./register-checks.tsx";

/** What firmware and boot loaders measured, by register. */
export function BootLog({ log }: { log: BootLogView }) {
  const [filter, setFilter] = useState("");
  const shown = useMemo(
    () => log.events.filter((event) => matchesEvent(event, filter)),
    [log.events, filter],
  );
  const groups = useMemo(() => groupEvents(shown, log.registers), [shown, log.registers]);
  const isFiltered = filter.trim() !== "";
  return (
    <LogSection
      title="Boot log"
      facts={[
        log.format === "sha1" ? "SHA-1 format" : "crypto-agile",
        log.banks.join(", "),
        formatPlural(log.total, "event", "events"),
      ]}
      filter={filter}
      onFilter={setFilter}
      placeholder="Filter events by word, type or digest"
      found={isFiltered ? `${formatCount(shown.length)} of ${formatCount(log.events.length)}` : ""}
      checks={<RegisterChecks checks={log.registers} />}
    >
      {groups.map(({ register, name, title, sentence, judgement, events }) => (
        <details
          key={register}
          open={isFiltered || undefined}
          className="border-b border-line last:border-b-0"
        >
          <summary className="touch flex min-h-9 cursor-pointer flex-wrap items-center gap-x-2 px-3 py-1 text-data hover:bg-hover">
            <span className="font-medium">{name}</span>
            <span className="text-muted">{title}</span>
            {judgement && <JudgementBadge judgement={judgement} />}
            <span className="ml-auto text-small text-muted tabular-nums">
              {formatPlural(events.length, "event", "events")}
            </span>
          </summary>
          {sentence !== "" && <p className="px-3 pb-1 text-small text-muted">{sentence}</p>}
          <ol className="divide-y divide-line border-t border-line">
            {events.map((event) => (
              <EventRow key={event.index} event={event} />
            ))}
          </ol>
        </details>
      ))}
      {log.total > log.events.length && (
        <p className="px-3 py-2 text-small text-muted">
          The first {formatCount(log.events.length)} of {formatCount(log.total)} events are shown; the replay
          is over all of them.
        </p>
      )}
      {shown.length === 0 && <p className="px-3 py-2 text-data text-muted">No event contains this.</p>}
    </LogSection>
  );
}

const PROOF = {
  proven: {
    label: "in the digest",
    tone: "neutral",
    title: "The digest is over these very words, so the register vouches for them",
  },
  contradicted: {
    label: "not its digest",
    tone: "danger",
    title:
      "The words do not give the digest that was measured: the log tells something else than was measured",
  },
} as const;

function EventRow({ event }: { event: BootEventView }) {
  const proof = event.proof === "separate" ? null : PROOF[event.proof];
  const [first] = event.digests;
  return (
    <li className="grid min-w-0 grid-cols-[40px_minmax(0,1fr)] gap-x-2 px-3 py-1.5 text-data">
      <span className="text-small text-faint tabular-nums">{event.index}</span>
      <div className="flex min-w-0 flex-col">
        <span className="flex min-w-0 flex-wrap items-center gap-x-2">
          <HostileText text={event.subject} max={80} className="font-medium" />
          {proof && (
            <Badge tone={proof.tone} title={proof.title}>
              {proof.label}
            </Badge>
          )}
        </span>
        {event.value !== null && (
          <HostileText
            text={event.value}
            max={400}
            className="text-small [&_bdi]:break-words [&_bdi]:whitespace-pre-wrap"
          />
        )}
        <span className="truncate font-mono text-small text-muted" title={first?.digest}>
          {event.type}
          {first && ` ${first.bank}:${first.digest.slice(0, 24)}`}
        </span>
      </div>
    </li>
  );
}
