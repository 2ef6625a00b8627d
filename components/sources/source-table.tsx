"use client";

import { formatCount, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { SourceView } from "#lib/contracts/source";
import { Sparkline } from "../charts/sparkline.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

/** All sources, with what they sent in the last 24 hours. */
export function SourceTable({ sources }: { sources: readonly SourceView[] }) {
  return (
    <TableFrame>
      <Table aria-label="Sources">
        <TableHead>
          <tr>
            <TableHeader>Source</TableHeader>
            <TableHeader className="max-lg:hidden">Kind</TableHeader>
            <TableHeader>Last received</TableHeader>
            <TableHeader className="max-md:hidden">Last 24 h</TableHeader>
            <TableHeader numeric className="max-md:hidden">
              Accepted
            </TableHeader>
            <TableHeader numeric>Rejected</TableHeader>
            <TableHeader numeric className="max-md:hidden">
              Nodes
            </TableHeader>
            <TableHeader numeric className="max-lg:hidden">
              Keys
            </TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {sources.map((source) => (
            <SourceRow key={source.id} source={source} />
          ))}
        </TableBody>
      </Table>
    </TableFrame>
  );
}

function SourceRow({ source }: { source: SourceView }) {
  const { id, name, kindLabel, disabledAt, silent, lastReceivedAt, hourly, last24h, nodes, keys } = source;
  return (
    <TableRow className="hover:bg-hover">
      <TableCell className="max-w-[40vw]">
        <span className="flex min-w-0 flex-wrap items-center gap-2">
          <TimeLink
            href={paths.source(id)}
            className="touch flex min-w-0 items-center font-medium hover:underline"
          >
            <HostileText text={name} max={40} />
          </TimeLink>
          <SourceState silent={silent} disabledAt={disabledAt} />
        </span>
      </TableCell>
      <TableCell className="text-muted max-lg:hidden">{kindLabel}</TableCell>
      <TableCell className="text-muted">
        {lastReceivedAt === null ? "never" : <Timestamp iso={lastReceivedAt} />}
      </TableCell>
      <TableCell className="max-md:hidden">
        <Sparkline
          values={hourly}
          label={`${formatPlural(last24h.accepted, "event")} accepted in the last 24 hours`}
        />
      </TableCell>
      <TableCell numeric className="max-md:hidden">
        {formatCount(last24h.accepted)}
      </TableCell>
      <TableCell numeric>
        {last24h.rejected === 0 ? (
          <span className="text-muted">0</span>
        ) : (
          <TimeLink
            href={paths.source(id, { tab: "rejected" })}
            className="link touch inline-flex items-center justify-end"
          >
            {formatCount(last24h.rejected)}
          </TimeLink>
        )}
      </TableCell>
      <TableCell numeric className="max-md:hidden">
        {formatCount(nodes)}
      </TableCell>
      <TableCell numeric className="max-lg:hidden">
        {formatCount(keys.length)}
      </TableCell>
    </TableRow>
  );
}

/** What is out of the ordinary about a source. */
export function SourceState({ silent, disabledAt }: Pick<SourceView, "silent" | "disabledAt">) {
  return (
    <>
      {disabledAt !== null && <Badge>Disabled</Badge>}
      {silent && (
        <Badge tone="warn" title="Silent for longer than its limit">
          Silent
        </Badge>
      )}
    </>
  );
}
