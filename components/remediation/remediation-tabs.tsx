"use client";

import { formatCount } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { RemediationList } from "#lib/contracts/remediation";
import { REMEDIATION_TABS, type RemediationTab } from "#lib/domain/remediation-plan";
import { Tabs } from "../ui/tabs.tsx";

const LABELS: Readonly<Record<RemediationTab, string>> = {
  waiting_on_me: "Waiting on me",
  requested_by_me: "Requested by me",
  in_progress: "In progress",
  done: "Done",
};

/** The lists with how many are in each. */
export function RemediationTabs({
  current,
  counts,
}: {
  current: RemediationTab;
  counts: RemediationList["counts"] | undefined;
}) {
  return (
    <Tabs
      label="Remediations"
      tabs={REMEDIATION_TABS.map((tab) => ({
        href: paths.remediations({ tab }),
        label: (
          <>
            {LABELS[tab]}
            {counts && (
              <span className="text-small text-muted tabular-nums">{formatCount(counts[tab] ?? 0)}</span>
            )}
          </>
        ),
        current: tab === current,
      }))}
    />
  );
}
