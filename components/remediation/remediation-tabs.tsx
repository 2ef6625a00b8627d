"use client";

import { formatCount } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { RemediationList, RemediationTab } from "#lib/contracts/remediation";
import { Tabs } from "../ui/tabs.tsx";

const REMEDIATION_TABS: readonly { tab: RemediationTab; label: string }[] = [
  { tab: "waiting_on_me", label: "Waiting on me" },
  { tab: "requested_by_me", label: "Requested by me" },
  { tab: "in_progress", label: "In progress" },
  { tab: "done", label: "Done" },
];

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
      tabs={REMEDIATION_TABS.map(({ tab, label }) => ({
        href: paths.remediations({ tab }),
        label: (
          <>
            {label}
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
