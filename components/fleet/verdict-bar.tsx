"use client";

import { formatAge, formatCount, formatShare } from "#lib/client/format";
import { REDUCED_QUERY, withStatuses } from "#lib/client/node-filter";
import { paths } from "#lib/client/paths";
import type { FleetSummary } from "#lib/contracts/fleet";
import { TRUST_STATUSES, type TrustStatus } from "#lib/domain/trust-status";
import { TimeLink } from "../shell/time-travel.tsx";
import { useReferenceNow } from "../ui/clock.tsx";
import { cn } from "../ui/cn.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { StatusShape } from "./status-badge.tsx";
import { STATUS_FILLS, STATUS_LABELS, STATUS_MEANINGS } from "./status-words.tsx";

/** The fleet now: one bar of seven statuses, and under it the same counts as a row of links. */
export function VerdictBar({ summary }: { summary: FleetSummary }) {
  const { nodes, counts } = summary;
  const shown = TRUST_STATUSES.filter((status) => counts[status] > 0);
  return (
    <div>
      <div aria-hidden className="flex h-7 w-full gap-px overflow-hidden rounded-[3px] bg-line">
        {shown.map((status) => (
          <TimeLink
            key={status}
            tabIndex={-1}
            href={paths.nodes({ q: withStatuses("", [status]) })}
            title={`${STATUS_LABELS[status]}: ${formatCount(counts[status])}`}
            style={{ flexGrow: counts[status] }}
            className={cn("block min-w-[5px] basis-0 hover:opacity-85", STATUS_FILLS[status])}
          />
        ))}
      </div>
      <ul className="mt-3 grid grid-cols-2 gap-x-2 gap-y-1 sm:grid-cols-4 xl:grid-cols-7">
        {TRUST_STATUSES.map((status) => (
          <li key={status}>
            <StatusCount status={status} count={counts[status]} nodes={nodes} />
          </li>
        ))}
      </ul>
      <Freshness summary={summary} />
      {counts.trusted > 0 && <PassRate summary={summary} />}
    </div>
  );
}

function StatusCount({ status, count, nodes }: { status: TrustStatus; count: number; nodes: number }) {
  return (
    <TimeLink
      href={paths.nodes({ q: withStatuses("", [status]) })}
      title={STATUS_MEANINGS[status]}
      className="block rounded-[4px] px-2 py-1.5 hover:bg-hover"
    >
      <span className="label flex items-center gap-1.5">
        <StatusShape status={status} size={12} />
        {STATUS_LABELS[status]}
      </span>
      <span className="flex items-baseline gap-2">
        <span className={cn("text-figure font-semibold tracking-[-0.02em]", count === 0 && "text-faint")}>
          {formatCount(count)}
        </span>
        {nodes > 0 && <span className="text-small text-muted">{formatShare(count / nodes)}</span>}
      </span>
    </TimeLink>
  );
}

/** A pass on a weaker check is no full pass: the two are counted apart. */
function PassRate({ summary: { nodes, counts, trustedReduced } }: { summary: FleetSummary }) {
  const full = counts.trusted - trustedReduced;
  return (
    <p className="px-2 pt-1 text-small text-muted">
      pass rate on full coverage <span className="text-fg">{formatShare(full / nodes)}</span> (
      {formatCount(full)}) ·{" "}
      {trustedReduced === 0 ? (
        "none on reduced coverage"
      ) : (
        <TimeLink href={paths.nodes({ q: REDUCED_QUERY })} className="link">
          on reduced coverage {formatShare(trustedReduced / nodes)} ({formatCount(trustedReduced)})
        </TimeLink>
      )}
    </p>
  );
}

function Freshness({ summary: { nodes, freshNodes, oldestEvidenceAt, asOf } }: { summary: FleetSummary }) {
  const now = useReferenceNow();
  return (
    <p className="mt-2 border-t border-line px-2 pt-2.5 text-small text-muted">
      <span className="text-fg">{formatCount(nodes)}</span> nodes · fresh{" "}
      <span className="text-fg">{formatCount(freshNodes)}</span> of {formatCount(nodes)}
      {nodes > 0 && <> ({formatShare(freshNodes / nodes)})</>} ·{" "}
      {oldestEvidenceAt === null ? (
        "no evidence yet"
      ) : (
        <>
          oldest evidence <time dateTime={oldestEvidenceAt}>{formatAge(oldestEvidenceAt, now)}</time>
        </>
      )}{" "}
      · as of <Timestamp iso={asOf} absolute className="text-small" />
    </p>
  );
}
