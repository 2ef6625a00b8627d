"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { DEFAULT_PERIOD } from "#lib/client/period";
import { reportSchedulesOptions } from "#lib/client/report-schedules";
import { ComplianceTabs } from "../compliance/compliance-tabs.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { PresentOnlyNote } from "../shell/time-travel.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { ScheduleCard } from "./schedule-card.tsx";
import { ScheduleDialog } from "./schedule-dialog.tsx";

const ASKED = { period: DEFAULT_PERIOD, q: "" };

/** Reports that come again and again. */
export function SchedulesPage() {
  const { data, error, refetch } = useQuery(reportSchedulesOptions());
  const reason = useDisabledReason("export:read");
  const [adding, setAdding] = useState(false);
  return (
    <>
      <PageHeader
        title="Schedules"
        crumbs={[
          { href: paths.compliance(ASKED), label: "Compliance" },
          { href: paths.reports(), label: "Reports" },
        ]}
        meta={data && formatPlural(data.items.length, "schedule")}
        actions={
          <GuardedButton variant="primary" reason={reason} onClick={() => setAdding(true)}>
            New schedule
          </GuardedButton>
        }
      />
      <PresentOnlyNote>Schedules are listed as they are now.</PresentOnlyNote>
      <ComplianceTabs asked={ASKED} />
      <p className="max-w-[80ch] py-3 text-muted">
        A report is made after every whole period, in its owner’s name and by the rights that they have at
        that moment. Channels hear of it over the{" "}
        <Link href={paths.settings("notifications")} className="underline">
          routes of notifications
        </Link>
        : kinds <code className="font-mono">report.*</code>, label <code className="font-mono">schedule</code>
        .
      </p>
      {data === undefined && !error && <SkeletonRows rows={4} label="Loading the schedules" />}
      {data === undefined && error && (
        <ErrorPanel title="The schedules could not be loaded" error={error} onRetry={() => void refetch()} />
      )}
      {data?.items.length === 0 && (
        <EmptyState title="No report comes by itself">
          A schedule has a report made after every week, month or quarter, and tells people once it is ready.
        </EmptyState>
      )}
      <ul>
        {data?.items.map((schedule) => (
          <ScheduleCard key={schedule.id} schedule={schedule} reason={reason} />
        ))}
      </ul>
      <ScheduleDialog before={null} open={adding} onOpenChange={setAdding} />
    </>
  );
}
