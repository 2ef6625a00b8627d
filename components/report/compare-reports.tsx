"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { displayText, formatCount } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { reportComparisonOptions, reportListOptions } from "#lib/client/reports";
import type { ReportComparison, ReportDetail } from "#lib/contracts/report";
import { isReady } from "#lib/domain/report/report";
import { RESULT_WORDS, VERDICT_WORDS } from "../compliance/compliance-words.ts";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Field } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

/** What appeared, is resolved and is still open between this report and another one. */
export function CompareReports({ report, other }: { report: ReportDetail; other: string | null }) {
  const router = useRouter();
  const list = useInfiniteQuery(reportListOptions());
  const others = (list.data?.pages.flatMap(({ items }) => items) ?? []).filter(
    ({ id, state }) => id !== report.id && isReady(state),
  );
  return (
    <section aria-label="Comparison" className="border-t border-line py-3">
      <h2 className="label pb-2">Compare with another report</h2>
      {others.length === 0 && other === null ? (
        <p className="text-data text-muted">There is no other report that is ready.</p>
      ) : (
        <Field id="report-other" label="Other report">
          <Select
            id="report-other"
            className="max-w-full"
            value={other ?? ""}
            options={[
              { value: "", label: "None" },
              ...others.map(({ id, title, period }) => ({
                value: id,
                label: `${displayText(title).text} (${period.from.slice(0, 10)} to ${period.to.slice(0, 10)})`,
              })),
            ]}
            onChange={(event) =>
              router.push(paths.report(report.id, { compare: event.target.value || undefined }), {
                scroll: false,
              })
            }
          />
        </Field>
      )}
      {other !== null && <Compared id={report.id} other={other} />}
    </section>
  );
}

function Compared({ id, other }: { id: string; other: string }) {
  const { data, error, refetch } = useQuery(reportComparisonOptions(id, other));
  if (error && !data) {
    return (
      <ErrorPanel title="The reports could not be compared" error={error} onRetry={() => void refetch()} />
    );
  }
  if (!data) return <SkeletonRows rows={4} label="Comparing the reports" />;
  return (
    <>
      <p className="py-2 text-data">
        From <HostileText text={data.earlier.title} max={60} /> (
        <Timestamp iso={data.earlier.knownAt} absolute />) to <HostileText text={data.later.title} max={60} />{" "}
        (<Timestamp iso={data.later.knownAt} absolute />
        ).
      </p>
      {data.measures.map((measure) => (
        <ComparedMeasure key={measure.id} measure={measure} />
      ))}
    </>
  );
}

function ComparedMeasure({ measure }: { measure: ReportComparison["measures"][number] }) {
  const { id, title, earlier, later, appeared, resolved, stillOpen } = measure;
  const said = (side: typeof earlier) =>
    side === null ? "not asked" : RESULT_WORDS[side.result ?? "watched"].label;
  return (
    <section aria-label={`Comparison of ${id}`} className="border-b border-line py-2 text-data">
      <h3 className="font-medium">
        <span className="font-mono text-small text-muted">{id}</span> {title}
      </h3>
      <p className="text-muted">
        {said(earlier)} → {said(later)}. Appeared {formatCount(appeared.count)}, resolved{" "}
        {formatCount(resolved.count)}, still open {formatCount(stillOpen.count)}.
      </p>
      <Findings label="Appeared" findings={appeared} />
      <Findings label="Resolved" findings={resolved} />
      <Findings label="Still open" findings={stillOpen} />
    </section>
  );
}

function Findings({
  label,
  findings: { count, items },
}: {
  label: string;
  findings: ReportComparison["measures"][number]["appeared"];
}) {
  if (count === 0) return null;
  return (
    <details>
      <summary className="touch inline-flex min-h-7 cursor-pointer items-center text-muted">
        {label} ({formatCount(count)})
      </summary>
      <ul className="flex flex-col gap-1 pb-2 pl-3">
        {items.map((item) => (
          <li key={`${item.kind} ${item.key}`} className="flex min-w-0 flex-wrap items-center gap-x-2">
            <HostileText text={item.name} max={100} />
            <span className="text-small text-muted">{VERDICT_WORDS[item.verdict]}</span>
          </li>
        ))}
      </ul>
      {items.length < count && (
        <p className="text-small text-muted">The first {formatCount(items.length)} are named.</p>
      )}
    </details>
  );
}
