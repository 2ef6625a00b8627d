"use client";

import { formatCount, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { SourceView } from "#lib/contracts/source";
import { Sparkline } from "../charts/sparkline.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { byAttention, SourceState } from "../sources/source-state.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

/** Whether data flows in: each source with when it was last heard and its last 24 hours. */
export function SourceHealth({ sources }: { sources: readonly SourceView[] }) {
  return (
    <ul>
      {byAttention(sources).map((source) => {
        const { id, name, lastReceivedAt, last24h, hourly } = source;
        return (
          <li key={id} className="flex items-center gap-3 border-b border-line px-3 py-1.5 last:border-b-0">
            <div className="min-w-0 flex-1">
              <div className="flex flex-wrap items-center gap-x-2">
                <TimeLink
                  href={paths.source(id)}
                  className="touch flex min-w-0 items-center font-medium hover:underline"
                >
                  <HostileText text={name} max={32} />
                </TimeLink>
                <SourceState source={source} />
              </div>
              <p className="text-small text-muted">
                {lastReceivedAt === null ? "Nothing received yet" : <Timestamp iso={lastReceivedAt} />} ·{" "}
                {formatCount(last24h.accepted)} accepted
                {last24h.rejected > 0 && (
                  <>
                    {" · "}
                    <TimeLink href={paths.source(id, { tab: "rejected" })} className="link">
                      {formatCount(last24h.rejected)} rejected
                    </TimeLink>
                  </>
                )}
              </p>
            </div>
            <Sparkline
              values={hourly}
              label={`${formatPlural(last24h.accepted, "event")} accepted in the last 24 hours`}
            />
          </li>
        );
      })}
    </ul>
  );
}
