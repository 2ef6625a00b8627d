"use client";

import { useQuery } from "@tanstack/react-query";
import { type Asked, measureListOptions, measureOptions } from "#lib/client/compliance";
import { paths } from "#lib/client/paths";
import type { MeasureView } from "#lib/contracts/compliance";
import { WATCHED } from "#lib/domain/measure/catalogue";
import { NotRefreshed } from "../fleet/tile.tsx";
import { PresentOnlyNote, TimeLink } from "../shell/time-travel.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { ComplianceTabs } from "./compliance-tabs.tsx";
import { figureWords, partWords } from "./compliance-words.ts";
import { MeasureRows, MeasureSummary, ResultBadge } from "./measure-parts.tsx";
import { PeriodBar } from "./period-bar.tsx";

/** How well was the fleet watched, how fast did people answer, and what are these figures made of? */
export function MeasuresPage({
  asked,
  chosen,
  nowMs,
}: {
  asked: Asked;
  chosen: string | null;
  nowMs: number;
}) {
  const { data, error, refetch } = useQuery(measureListOptions(asked));
  const retry = () => void refetch();
  const watched = WATCHED.flatMap((id) => data?.items.find((item) => item.id === id) ?? []);
  const others = data?.items.filter(({ id }) => !(WATCHED as readonly string[]).includes(id)) ?? [];
  return (
    <>
      <PageHeader title="Measures" crumbs={[{ href: paths.compliance(asked), label: "Compliance" }]} />
      <PresentOnlyNote>
        Periods are shown by what is known now. The HTTP API also answers by what was known at an instant.
      </PresentOnlyNote>
      <ComplianceTabs asked={asked} />
      <PeriodBar asked={asked} nowMs={nowMs} href={(next) => paths.complianceMeasures(next)} />
      {chosen !== null && <Chosen id={chosen} asked={asked} />}
      {!data && !error && <SkeletonRows rows={8} label="Computing the measures" />}
      {!data && error && (
        <ErrorPanel title="The measures could not be computed" error={error} onRetry={retry} />
      )}
      {data && error && <NotRefreshed error={error} onRetry={retry} />}
      {data && (
        <>
          <MeasureTable label="Figures to watch" items={watched} asked={asked} />
          <MeasureTable label="Further measures" items={others} asked={asked} />
        </>
      )}
    </>
  );
}

function MeasureTable({
  label,
  items,
  asked,
}: {
  label: string;
  items: readonly MeasureView[];
  asked: Asked;
}) {
  return (
    <section aria-label={label} className="pt-4">
      <h2 className="label pb-1">{label}</h2>
      <TableFrame>
        <Table aria-label={label}>
          <TableHead>
            <tr>
              <TableHeader>Measure</TableHeader>
              <TableHeader>Result</TableHeader>
              <TableHeader numeric>Figure</TableHeader>
              <TableHeader numeric className="max-md:hidden">
                Period before
              </TableHeader>
              <TableHeader className="max-lg:hidden">Made of</TableHeader>
            </tr>
          </TableHead>
          <TableBody>
            {items.map((item) => (
              <TableRow key={item.id} className="hover:bg-hover">
                <TableCell className="max-w-[44vw]">
                  <TimeLink
                    href={paths.complianceMeasures({ ...asked, measure: item.id })}
                    className="touch flex min-w-0 flex-wrap items-center gap-x-2 font-medium hover:underline"
                  >
                    {item.title}
                    <span className="font-mono text-small font-normal text-muted">{item.id}</span>
                  </TimeLink>
                  <span className="block text-small text-muted max-md:hidden">{item.question}</span>
                </TableCell>
                <TableCell>
                  <ResultBadge result={item.result} />
                </TableCell>
                <TableCell numeric>
                  {item.result === "no_data" ? "–" : figureWords(item, item.totals)}
                </TableCell>
                <TableCell numeric className="max-md:hidden">
                  {item.previous ? figureWords(item, item.previous) : "–"}
                </TableCell>
                <TableCell className="max-lg:hidden">{partWords(item, item.totals)}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableFrame>
    </section>
  );
}

/** The measure that was opened, with its rows. */
function Chosen({ id, asked }: { id: string; asked: Asked }) {
  const { data, error, refetch } = useQuery(measureOptions(id, asked));
  if (error && !data) {
    return (
      <ErrorPanel title="The measure could not be computed" error={error} onRetry={() => void refetch()} />
    );
  }
  if (!data) return <SkeletonRows rows={4} label="Computing the measure" />;
  return (
    <div className="border-b border-line-strong pb-3">
      <MeasureSummary measure={data.measure} href={null} />
      <MeasureRows measure={data.measure} rows={data.rows} />
    </div>
  );
}
