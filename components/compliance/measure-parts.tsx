import { formatCount, formatDuration } from "#lib/client/format";
import type { MeasureRowView, MeasureView } from "#lib/contracts/compliance";
import type { MeasureResult } from "#lib/domain/measure/measure";
import { useAccount } from "../shell/account-context.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import {
  figureWords,
  partWords,
  RESULT_WORDS,
  rowHref,
  thresholdWords,
  VERDICT_WORDS,
  weightWords,
} from "./compliance-words.ts";

export function ResultBadge({ result }: { result: MeasureResult | null }) {
  const { label, tone } = RESULT_WORDS[result ?? "watched"];
  return <Badge tone={tone}>{label}</Badge>;
}

/** One measure with its figure, what it is made of, and how it was computed. */
export function MeasureSummary({ measure, href }: { measure: MeasureView; href: string | null }) {
  const { id, title, question, result, reason, totals, previous, how, notCovered } = measure;
  return (
    <section aria-label={`${id} ${title}`} className="flex flex-col gap-1.5 border-b border-line py-3">
      <h3 className="flex flex-wrap items-center gap-2 font-medium">
        <span className="font-mono text-small text-muted">{id}</span> {title} <ResultBadge result={result} />
      </h3>
      <p className="text-data">{question}</p>
      <p className="text-data">
        <strong className="font-medium">
          {measure.result === "no_data" ? "–" : figureWords(measure, totals)}
        </strong>{" "}
        <span className="text-muted">
          {partWords(measure, totals)}. Wanted: {thresholdWords(measure)}.
          {previous && ` Period before: ${figureWords(measure, previous)}.`}
        </span>
      </p>
      {reason && <p className="text-data text-muted">No data: {reason}</p>}
      <details className="text-data">
        <summary className="touch inline-flex cursor-pointer items-center text-muted">
          How this was computed
        </summary>
        <p className="max-w-[90ch] pt-1">{how}</p>
        <p className="max-w-[90ch] pt-1">
          <span className="text-muted">Not covered:</span> {notCovered}
        </p>
      </details>
      {href && (
        <TimeLink href={href} className="link touch inline-flex w-fit items-center text-data">
          Rows of {id}
        </TimeLink>
      )}
    </section>
  );
}

/** What a measure is made of, what was missed first. */
export function MeasureRows({ measure, rows }: { measure: MeasureView; rows: readonly MeasureRowView[] }) {
  if (rows.length === 0) return <p className="py-3 text-data text-muted">There is no row.</p>;
  return (
    <TableFrame>
      <Table aria-label={`Rows of ${measure.id}`}>
        <TableHead>
          <tr>
            <TableHeader>What</TableHeader>
            <TableHeader>Counts as</TableHeader>
            <TableHeader numeric className="max-md:hidden">
              {measure.kind === "duration" ? "Length" : "Weight"}
            </TableHeader>
            <TableHeader className="max-md:hidden">When</TableHeader>
            <TableHeader className="max-lg:hidden">Why</TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {rows.map((row) => (
            <TableRow key={`${row.kind} ${row.key} ${row.verdict}`}>
              <TableCell className="max-w-[44vw]">
                <RowName row={row} />
              </TableCell>
              <TableCell className="whitespace-nowrap">{VERDICT_WORDS[row.verdict]}</TableCell>
              <TableCell numeric className="max-md:hidden">
                {measure.kind === "duration"
                  ? row.value !== null && formatDuration(row.value)
                  : weightWords(row.weight, measure.unit)}
              </TableCell>
              <TableCell className="whitespace-nowrap max-md:hidden">
                {row.at && <Timestamp iso={row.at} absolute />}
              </TableCell>
              <TableCell className="max-w-[30vw] max-lg:hidden">
                <HostileText text={row.detail} max={160} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
      {rows.length >= 50 && (
        <p className="py-2 text-small text-muted">
          The first {formatCount(rows.length)} are shown. The HTTP API pages through all.
        </p>
      )}
    </TableFrame>
  );
}

function RowName({ row }: { row: MeasureRowView }) {
  const { review } = useAccount();
  // What a row leads to shows more than the period of a review.
  const href = review ? null : rowHref(row);
  if (href === null) return <HostileText text={row.name} max={100} />;
  return (
    <TimeLink href={href} className="touch flex min-w-0 items-center hover:underline">
      <HostileText text={row.name} max={100} />
    </TimeLink>
  );
}
