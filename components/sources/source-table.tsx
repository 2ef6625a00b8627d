"use client";

import { formatCount, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { SourceView } from "#lib/contracts/source";
import { Sparkline } from "../charts/sparkline.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { cadenceWords, limitWords } from "./limit-words.ts";
import { byAttention, SourceState } from "./source-state.tsx";

/** All sources: those that need attention first, with how they are heard and what they sent. */
export function SourceTable({ sources }: { sources: readonly SourceView[] }) {
  return (
    <TableFrame>
      <Table aria-label="Sources">
        <TableHead>
          <tr>
            <TableHeader>Source</TableHeader>
            <TableHeader>Last received</TableHeader>
            <TableHeader className="max-md:hidden">Cadence, limit</TableHeader>
            <TableHeader className="max-xl:hidden">Last 24 h</TableHeader>
            <TableHeader numeric className="max-lg:hidden">
              Accepted
            </TableHeader>
            <TableHeader numeric>Rejected</TableHeader>
            <TableHeader className="max-xl:hidden">Last error</TableHeader>
            <TableHeader numeric className="max-md:hidden">
              Nodes
            </TableHeader>
            <TableHeader className="max-md:hidden">Keys</TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {byAttention(sources).map((source) => (
            <SourceRow key={source.id} source={source} />
          ))}
        </TableBody>
      </Table>
    </TableFrame>
  );
}

function SourceRow({ source }: { source: SourceView }) {
  const { id, name, kindLabel, lastReceivedAt, hourly, last24h, nodes, limit, keyState, lastError } = source;
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
          <SourceState source={source} />
        </span>
        <span className="block truncate text-small text-muted max-md:hidden">{kindLabel}</span>
      </TableCell>
      <TableCell className="text-muted">
        {lastReceivedAt === null ? "never" : <Timestamp iso={lastReceivedAt} />}
      </TableCell>
      <TableCell className="whitespace-nowrap max-md:hidden">
        {cadenceWords(limit)}
        <span className="block text-small text-muted">{limitWords(limit)}</span>
      </TableCell>
      <TableCell className="max-xl:hidden">
        <Sparkline
          values={hourly}
          label={`${formatPlural(last24h.accepted, "event")} accepted in the last 24 hours`}
        />
      </TableCell>
      <TableCell numeric className="max-lg:hidden">
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
      <TableCell className="max-w-[180px] max-xl:hidden">
        {lastError === null ? (
          <span className="text-muted">none</span>
        ) : (
          <>
            <span className="block truncate" title={lastError.title}>
              {lastError.title}
            </span>
            <span className="block text-small text-muted">
              <Timestamp iso={lastError.at} />
            </span>
          </>
        )}
      </TableCell>
      <TableCell numeric className="max-md:hidden">
        {formatCount(nodes)}
      </TableCell>
      <TableCell className="whitespace-nowrap max-md:hidden">
        <Keys keyState={keyState} />
      </TableCell>
    </TableRow>
  );
}

function Keys({ keyState: { usable, soonestEndAt, exhausted } }: Pick<SourceView, "keyState">) {
  if (exhausted) return <span className="text-danger">none usable</span>;
  if (usable === 0) return <span className="text-muted">none</span>;
  return (
    <>
      {formatPlural(usable, "key")}
      <span className="block text-small text-muted">
        {soonestEndAt === null ? (
          "no end"
        ) : (
          <>
            until <Timestamp iso={soonestEndAt} absolute />
          </>
        )}
      </span>
    </>
  );
}
