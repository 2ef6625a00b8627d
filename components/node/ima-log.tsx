"use client";

import { useMemo, useState } from "react";
import { Badge } from "#components/ui/badge";
import { HostileText } from "#components/ui/hostile-text";
import { formatCount, formatPlural } from "#lib/client/format";
import type { ImaLogView } from "#lib/contracts/event-log";
import { LogSection } from "./log-section.tsx";
import { RegisterChecks } from "./register-checks.tsx";

const AGGREGATE = {
  matches: "begins with this boot",
  differs: "begins with another boot",
  not_comparable: null,
} as const;

/** Files that the running kernel measured before they were used. */
export function ImaLog({ log }: { log: ImaLogView }) {
  const [filter, setFilter] = useState("");
  const needle = filter.trim().toLowerCase();
  const shown = useMemo(
    () => log.entries.filter(({ path, content }) => `${path} ${content}`.toLowerCase().includes(needle)),
    [log.entries, needle],
  );
  const aggregate = AGGREGATE[log.bootAggregate];
  return (
    <LogSection
      title="IMA log"
      facts={[
        formatPlural(log.total, "entry", "entries"),
        ...(log.whole ? [] : ["starts in the middle"]),
        ...(aggregate === null ? [] : [aggregate]),
      ]}
      filter={filter}
      onFilter={setFilter}
      placeholder="Filter files by path or digest"
      found={needle === "" ? "" : `${formatCount(shown.length)} of ${formatCount(log.entries.length)}`}
      checks={<RegisterChecks checks={log.registers} />}
    >
      {log.contradictedTotal > 0 && (
        <p className="px-3 py-2 text-data text-danger">
          {formatPlural(log.contradictedTotal, "line does", "lines do")} not fit the hash that was measured:
          the log tells something else than was measured.
        </p>
      )}
      <ol
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label="Measured files"
        className="max-h-[420px] divide-y divide-line overflow-auto focus-visible:outline-offset-[-2px]"
      >
        {shown.map((entry) => (
          <li key={entry.index} className="flex min-w-0 flex-col px-3 py-1 text-data">
            <span className="flex min-w-0 flex-wrap items-center gap-x-2">
              <HostileText text={entry.path} max={90} />
              {entry.signed && <Badge>signed</Badge>}
              {entry.contradicted && <Badge tone="danger">not its hash</Badge>}
            </span>
            <span className="truncate font-mono text-small text-muted">
              {entry.template} {entry.content}
            </span>
          </li>
        ))}
      </ol>
      {log.total > log.entries.length && (
        <p className="px-3 py-2 text-small text-muted">
          The first {formatCount(log.entries.length)} of {formatCount(log.total)} entries are shown.
        </p>
      )}
    </LogSection>
  );
}
