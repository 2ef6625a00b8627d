"use client";

import { cn } from "#components/ui/cn";
import type { StageDuration } from "#lib/client/bootstrap-stages";
import { formatCount, formatDuration } from "#lib/client/format";
import { LIFECYCLE_WORDS } from "#lib/client/lifecycle-words";

/** How long the node was in each stage, against how long nodes usually are. */
export function StageDurations({ durations }: { durations: readonly StageDuration[] }) {
  if (durations.length === 0) return null;
  return (
    <dl
      aria-label="Time in each stage"
      className="mt-3 grid gap-x-6 gap-y-2 border-t border-line pt-3 sm:grid-cols-2 xl:grid-cols-4"
    >
      {durations.map(({ stage, ms, open, p50Ms, p90Ms, n }) => (
        <div key={stage} className="min-w-0">
          <dt className="label">{LIFECYCLE_WORDS[stage]}</dt>
          <dd className="text-data tabular-nums">
            <span className={cn(p90Ms !== null && ms > p90Ms && "font-semibold")}>{formatDuration(ms)}</span>
            {open && <span className="text-muted"> so far</span>}
            <span className="block text-small text-muted">
              {p50Ms === null || p90Ms === null
                ? "no other node to compare with"
                : `fleet: median ${formatDuration(p50Ms)}, p90 ${formatDuration(p90Ms)}, n ${formatCount(n)}`}
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
