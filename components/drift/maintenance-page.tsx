"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { formatCount, formatPlural } from "#lib/client/format";
import { windowListOptions } from "#lib/client/maintenance";
import type { WindowList, WindowView } from "#lib/contracts/maintenance-window";
import type { WindowState } from "#lib/domain/maintenance";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { PresentOnlyNote } from "../shell/time-travel.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { DriftTabs } from "./drift-tabs.tsx";
import { MaintenanceItem } from "./maintenance-item.tsx";
import { PlanWindowDialog } from "./plan-window-dialog.tsx";

const SECTIONS: readonly { state: WindowState; title: string }[] = [
  { state: "running", title: "Running" },
  { state: "planned", title: "Planned" },
  { state: "past", title: "Past" },
];

/** Times in which changes are expected: what runs, what is planned, what is over. */
export function MaintenancePage({ open }: { open: string | null }) {
  const { data, error, refetch } = useQuery(windowListOptions("all"));
  const [planning, setPlanning] = useState(false);
  const noPlan = useDisabledReason("window:manage");
  return (
    <>
      <PageHeader
        title="Maintenance"
        meta={data && `${formatPlural(data.counts.running, "window runs", "windows run")} now`}
        actions={
          <GuardedButton variant="primary" reason={noPlan} onClick={() => setPlanning(true)}>
            Plan a window
          </GuardedButton>
        }
      />
      <PresentOnlyNote>Maintenance windows are shown as they are now.</PresentOnlyNote>
      <DriftTabs current="maintenance" q="" counts={undefined} />
      <p className="max-w-[80ch] py-2 text-data text-muted">
        While a window runs, changes of its layers on its nodes are authorised and raise nothing. What weakens
        a machine, such as Secure Boot off, stays an attack. What still differs when the window ends is drift
        again: accept it into the baseline before.
      </p>
      {!data && !error && <SkeletonRows rows={4} label="Loading the windows" />}
      {!data && error && (
        <ErrorPanel title="The windows could not be loaded" error={error} onRetry={() => void refetch()} />
      )}
      {data && data.items.length === 0 && (
        <EmptyState title="No window was planned yet">
          Plan one before an upgrade, and nobody is called because of what it changes.
        </EmptyState>
      )}
      {data &&
        data.items.length > 0 &&
        SECTIONS.map((section) => <Section key={section.state} {...section} list={data} open={open} />)}
      <PlanWindowDialog open={planning} onClose={() => setPlanning(false)} />
    </>
  );
}

function Section({
  state,
  title,
  list: { items, counts },
  open,
}: {
  state: WindowState;
  title: string;
  list: WindowList;
  open: string | null;
}) {
  const own: readonly WindowView[] = items.filter((item) => item.state === state);
  if (state === "past" && own.length === 0) return null;
  return (
    <section aria-label={title} className="pt-3">
      <h2 className="label pb-1.5">
        {title} <span className="text-muted tabular-nums">{formatCount(counts[state])}</span>
      </h2>
      {own.length === 0 ? (
        <p className="text-data text-muted">{state === "running" ? "None runs." : "None is planned."}</p>
      ) : (
        <ul aria-label={title} className="rounded-[6px] border border-line">
          {own.map((item) => (
            <MaintenanceItem key={item.id} item={item} asked={item.id === open} />
          ))}
        </ul>
      )}
      {counts[state] > own.length && own.length > 0 && (
        <p className="py-2 text-small text-muted">
          The first {formatCount(own.length)} of {formatCount(counts[state])}.
        </p>
      )}
    </section>
  );
}
