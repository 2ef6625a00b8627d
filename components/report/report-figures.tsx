"use client";

import { formatCount } from "#lib/client/format";
import type { MeasureView } from "#lib/contracts/compliance";
import type { ReportDetail } from "#lib/contracts/report";
import { CONTROL_STATUSES } from "#lib/domain/measure/control";
import { NOTE_WORDS, STATUS_WORDS } from "../compliance/compliance-words.ts";
import { MeasureSummary } from "../compliance/measure-parts.tsx";
import { Badge } from "../ui/badge.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";

type Says = NonNullable<ReportDetail["says"]>;
type Measure = Says["measures"][number];

/** The frozen controls and measures, in the words that Compliance has for the present ones. */
export function ReportFigures({ says }: { says: Says }) {
  return (
    <>
      {says.framework && <Controls says={says} caution={says.framework.caution} />}
      <section aria-label="Measures" className="py-3">
        <h2 className="label">Measures</h2>
        {says.measures.map((measure) => (
          <MeasureSummary key={measure.id} measure={shown(measure)} href={null} />
        ))}
      </section>
    </>
  );
}

/** As the API of measures tells it: with the share that totals leave to whoever reads them. */
function shown(measure: Measure): MeasureView {
  const withRatio = (totals: Measure["totals"]) => ({
    ...totals,
    ratio: measure.kind === "share" && totals.denominator > 0 ? totals.met / totals.denominator : null,
  });
  const { totals, previous } = measure;
  return { ...measure, totals: withRatio(totals), previous: previous && withRatio(previous) };
}

function Controls({ says: { controls }, caution }: { says: Says; caution: string | null }) {
  return (
    <section aria-label="Controls" className="py-3">
      <h2 className="label">Controls</h2>
      <p className="flex flex-wrap gap-x-3 py-2 text-data">
        {CONTROL_STATUSES.map((status) => (
          <span key={status}>
            {STATUS_WORDS[status].label}{" "}
            {formatCount(controls.filter((control) => control.status === status).length)}
          </span>
        ))}
      </p>
      {caution && <p className="pb-2 text-small text-muted">{caution}</p>}
      <TableFrame>
        <Table aria-label="Controls">
          <TableHead>
            <tr>
              <TableHeader>Control</TableHeader>
              <TableHeader>Status</TableHeader>
              <TableHeader className="max-lg:hidden">Period before</TableHeader>
              <TableHeader className="max-md:hidden">Exceptions and notes</TableHeader>
            </tr>
          </TableHead>
          <TableBody>
            {controls.map(({ id, line, status, previousStatus, notes }) => (
              <TableRow key={id}>
                <TableCell className="max-w-[55vw]">
                  <span className="font-mono font-medium">{id}</span>
                  <span className="block text-small text-muted">{line}</span>
                </TableCell>
                <TableCell>
                  <Badge tone={STATUS_WORDS[status].tone}>{STATUS_WORDS[status].label}</Badge>
                </TableCell>
                <TableCell className="max-lg:hidden">
                  {previousStatus === null ? "–" : STATUS_WORDS[previousStatus].label}
                </TableCell>
                <TableCell className="max-w-[30vw] max-md:hidden">
                  {notes.map((note) => (
                    <span key={note.id} className="block">
                      {NOTE_WORDS[note.kind]}: <HostileText text={note.reason} max={120} />
                    </span>
                  ))}
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableFrame>
    </section>
  );
}
