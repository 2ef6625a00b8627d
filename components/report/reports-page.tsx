"use client";

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { displayText } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { DEFAULT_PERIOD } from "#lib/client/period";
import { reportKeys, reportListOptions } from "#lib/client/reports";
import type { ReportView } from "#lib/contracts/report";
import { ComplianceTabs } from "../compliance/compliance-tabs.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { PresentOnlyNote, TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { NewReportDialog } from "./new-report-dialog.tsx";
import { progressWords, STATE_WORDS } from "./report-words.ts";

const ASKED = { period: DEFAULT_PERIOD, q: "" };

/** What was frozen, and how far what was asked for is. */
export function ReportsPage({ nowMs }: { nowMs: number }) {
  const [asking, setAsking] = useState(false);
  const refused = useDisabledReason("export:read");
  const queryClient = useQueryClient();
  const list = useInfiniteQuery(reportListOptions());
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader
        title="Reports"
        crumbs={[{ href: paths.compliance(ASKED), label: "Compliance" }]}
        actions={
          <span className="flex items-center gap-3">
            <TimeLink href={paths.checkPack()} className="link touch inline-flex items-center">
              Check a pack
            </TimeLink>
            <GuardedButton variant="primary" reason={refused} onClick={() => setAsking(true)}>
              New report
            </GuardedButton>
          </span>
        }
      />
      <PresentOnlyNote>Reports are listed as they are now; each says what was known when.</PresentOnlyNote>
      <ComplianceTabs asked={ASKED} />
      {!list.data && !list.error && <SkeletonRows rows={6} label="Loading the reports" />}
      {!list.data && list.error && (
        <ErrorPanel
          title="The reports could not be loaded"
          error={list.error}
          onRetry={() => void list.refetch()}
        />
      )}
      {list.data && items.length === 0 && (
        <EmptyState title="There is no report yet">
          A report keeps what Compliance says about a period, with every row that the figures rest on. It
          never changes.
        </EmptyState>
      )}
      {items.length > 0 && <ReportTable items={items} />}
      {list.hasNextPage && (
        <Button className="mt-2" pending={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Older reports
        </Button>
      )}
      <NewReportDialog
        open={asking}
        nowMs={nowMs}
        onClose={(done) => {
          setAsking(false);
          if (done) void queryClient.invalidateQueries({ queryKey: reportKeys.list() });
        }}
      />
    </>
  );
}

function ReportTable({ items }: { items: readonly ReportView[] }) {
  return (
    <TableFrame className="mt-3">
      <Table aria-label="Reports">
        <TableHead>
          <tr>
            <TableHeader>Report</TableHeader>
            <TableHeader>State</TableHeader>
            <TableHeader className="max-md:hidden">Framework</TableHeader>
            <TableHeader className="max-lg:hidden">Period (UTC)</TableHeader>
            <TableHeader className="max-md:hidden">Asked for</TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {items.map((item) => (
            <ReportRow key={item.id} item={item} />
          ))}
        </TableBody>
      </Table>
    </TableFrame>
  );
}

function ReportRow({ item }: { item: ReportView }) {
  const { id, title, framework, period, askedAt, askedBy, domains } = item;
  return (
    <TableRow className="hover:bg-hover">
      <TableCell className="max-w-[52vw]">
        <TimeLink
          href={paths.report(id)}
          className="touch flex min-w-0 items-center font-medium hover:underline"
        >
          <HostileText text={title} max={80} />
        </TimeLink>
        <span className="block text-small break-words text-muted">
          {domains.map(({ name }) => displayText(name).text).join(", ")}
        </span>
      </TableCell>
      <TableCell>
        <ReportState report={item} />
      </TableCell>
      <TableCell className="max-md:hidden">{framework?.title ?? "Every measure"}</TableCell>
      <TableCell className="whitespace-nowrap max-lg:hidden">
        {period.from.slice(0, 10)} to {period.to.slice(0, 10)}
      </TableCell>
      <TableCell className="max-md:hidden">
        <Timestamp iso={askedAt} /> <span className="text-small text-muted">{askedBy}</span>
      </TableCell>
    </TableRow>
  );
}

export function ReportState({ report }: { report: ReportView }) {
  const { label, tone } = STATE_WORDS[report.state];
  const progress = progressWords(report);
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2">
      <Badge tone={tone}>{label}</Badge>
      {progress && <span className="text-small whitespace-nowrap text-muted">{progress}</span>}
    </span>
  );
}
