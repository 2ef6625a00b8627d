"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { displayText, formatBytes } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { cancelReport, reportKeys, reportOptions } from "#lib/client/reports";
import type { ReportDetail } from "#lib/contracts/report";
import { isUnderWay } from "#lib/domain/report/report";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { PresentOnlyNote } from "../shell/time-travel.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { buttonClass } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { CompareReports } from "./compare-reports.tsx";
import { ReportFigures } from "./report-figures.tsx";
import { EVIDENCE_WORDS, FORMAT_WORDS } from "./report-words.ts";
import { ReportState } from "./reports-page.tsx";

/** One report: what it is about, what it says, its files, and how it differs from another. */
export function ReportPage({ reportId, compare }: { reportId: string; compare: string | null }) {
  const { data } = useQuery(reportOptions(reportId));
  const queryClient = useQueryClient();
  const refused = useDisabledReason("export:read");
  const cancel = useMutation({
    mutationFn: () => cancelReport(reportId),
    onSuccess: () => announceDone({ title: "The report is cancelled" }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: reportKeys.all }),
  });
  if (!data) return null;
  return (
    <>
      <PageHeader
        title={displayText(data.title).text}
        crumbs={[{ href: paths.reports(), label: "Reports" }]}
        meta={<ReportState report={data} />}
        actions={
          isUnderWay(data.state) && (
            <GuardedButton reason={refused} pending={cancel.isPending} onClick={() => cancel.mutate()}>
              Cancel the report
            </GuardedButton>
          )
        }
      />
      <PresentOnlyNote>The report says by itself what was known when; it never changes.</PresentOnlyNote>
      {cancel.error && <FormProblem error={cancel.error} />}
      {data.problem && (
        <p role="status" className="max-w-[90ch] py-2 text-data">
          {data.problem}
        </p>
      )}
      <About report={data} />
      <Files report={data} refused={refused} />
      {data.says && <ReportFigures says={data.says} />}
      {data.says && <CompareReports report={data} other={compare} />}
    </>
  );
}

function About({ report }: { report: ReportDetail }) {
  const { framework, domains, q, period, knownAt, evidence, askedBy, askedAt, finishedAt, digest, says } =
    report;
  return (
    <dl className="grid grid-cols-[minmax(7rem,auto)_minmax(0,1fr)] gap-x-4 gap-y-1.5 border-b border-line py-3 text-data">
      <Fact name="Framework">{framework?.title ?? "None: every measure"}</Fact>
      <Fact name="Trust domains">{domains.map(({ name }) => displayText(name).text).join(", ")}</Fact>
      <Fact name="Nodes">{q === "" ? "Every node" : displayText(q).text}</Fact>
      <Fact name="Period">
        <Timestamp iso={period.from} absolute /> to <Timestamp iso={period.to} absolute />
      </Fact>
      <Fact name="Known at">
        <Timestamp iso={knownAt} absolute />
      </Fact>
      <Fact name="Raw documents">{EVIDENCE_WORDS[evidence]}</Fact>
      <Fact name="Asked for">
        {askedBy ?? "Somebody"}, <Timestamp iso={askedAt} absolute />
      </Fact>
      {finishedAt && (
        <Fact name="Finished">
          <Timestamp iso={finishedAt} absolute />
        </Fact>
      )}
      {digest && (
        <Fact name="Digest">
          <code className="font-mono text-small break-all">{digest}</code> <CopyButton value={digest} />
        </Fact>
      )}
      {says && (
        <Fact name="Versions">
          Touchstone {says.productVersion}, measures {says.catalogueVersion}
          {says.framework && `, mapping ${says.framework.mappingVersion}`}
          {[...says.policies, ...says.baselines].map((one) => (
            <span key={`${one.digest} ${one.from}`} className="block break-words">
              {displayText(one.name).text} version {one.version} from <Timestamp iso={one.from} absolute />
            </span>
          ))}
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

function Files({ report: { id, files }, refused }: { report: ReportDetail; refused: string | null }) {
  if (files.length === 0) return null;
  return (
    <section aria-label="Files" className="border-b border-line py-3">
      <h2 className="label pb-2">Files</h2>
      <ul className="flex flex-col gap-2">
        {files.map(({ format, size, digest, problem }) => (
          <li key={format} className="flex flex-wrap items-center gap-x-3 gap-y-1 text-data">
            {digest !== null && refused === null ? (
              <a className={buttonClass()} href={paths.api.reportFile(id, format)} download>
                {FORMAT_WORDS[format].label}
              </a>
            ) : (
              <span className="font-medium">{FORMAT_WORDS[format].label}</span>
            )}
            <span className="min-w-0 text-muted">
              {problem ?? `${formatBytes(size)}: ${FORMAT_WORDS[format].means}`}
            </span>
            {digest !== null && (
              <code className="w-full font-mono text-small break-all text-muted">SHA-256 {digest}</code>
            )}
          </li>
        ))}
      </ul>
      {refused !== null && <p className="pt-2 text-small text-muted">{refused}</p>}
    </section>
  );
}
