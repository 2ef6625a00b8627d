"use client";

import { displayText } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { ReportRunView } from "#lib/contracts/report-schedule";
import { TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { daysOf, RUN_WORDS } from "./schedule-words.ts";

/** What became of periods, and who was told. */
export function RunTable({ of, runs }: { of: string; runs: readonly ReportRunView[] }) {
  return (
    <TableFrame>
      <Table aria-label={`Periods of ${of}`}>
        <TableHead>
          <tr>
            <TableHeader>Period (UTC)</TableHeader>
            <TableHeader>State</TableHeader>
            <TableHeader className="max-md:hidden">Made</TableHeader>
            <TableHeader className="max-md:hidden">Told</TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {runs.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </TableBody>
      </Table>
    </TableFrame>
  );
}

function RunRow({ run }: { run: ReportRunView }) {
  const { period, state, problem, reportId, at, askedBy } = run;
  const { label, tone } = RUN_WORDS[state];
  return (
    <TableRow>
      <TableCell>
        {reportId === null ? (
          daysOf(period)
        ) : (
          <TimeLink href={paths.report(reportId)} className="touch flex items-center hover:underline">
            {daysOf(period)}
          </TimeLink>
        )}
      </TableCell>
      <TableCell className="whitespace-normal">
        <Badge tone={tone}>{label}</Badge>
        {problem !== null && (
          <span className="block max-w-[60ch] text-small break-words text-muted">
            {displayText(problem).text}
          </span>
        )}
      </TableCell>
      <TableCell className="max-md:hidden">
        <Timestamp iso={at} />
        {askedBy !== null && (
          <span className="block text-small text-muted">by {displayText(askedBy).text}</span>
        )}
      </TableCell>
      <TableCell className="whitespace-normal max-md:hidden">
        <Told run={run} />
      </TableCell>
    </TableRow>
  );
}

function Told({ run: { told, notTold, toldAt, reportId } }: { run: ReportRunView }) {
  if (reportId === null) return "channels only";
  if (toldAt === null) return "not yet";
  const names = (emails: readonly string[]) => emails.map((email) => displayText(email).text).join(", ");
  return (
    <>
      {told.length === 0 ? "nobody by account" : names(told)}
      {notTold.length > 0 && (
        <span className="block text-small text-warn-fg">not {names(notTold)}: may not read it any more</span>
      )}
    </>
  );
}
