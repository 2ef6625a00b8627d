"use client";

import { useActivityTab } from "#components/audit/activity-tab";
import { useTimeTravel } from "#components/shell/time-travel";
import { Tabs } from "#components/ui/tabs";
import { paths } from "#lib/client/paths";
import { withTime } from "#lib/client/time-travel";

/** The node's pages; each has an address of its own. */
export function NodeTabs({ nodeId }: { nodeId: string }) {
  const { time } = useTimeTravel();
  const activity = useActivityTab(paths.nodeActivity(nodeId));
  return (
    <Tabs
      label="Node"
      tabs={[
        { href: withTime(paths.nodeTimeline(nodeId), time), label: "Timeline", also: [paths.node(nodeId)] },
        { href: withTime(paths.nodeDrift(nodeId), time), label: "Drift" },
        { href: withTime(paths.nodeEvidence(nodeId), time), label: "Evidence" },
        { href: withTime(paths.nodeCompare(nodeId), time), label: "Compare" },
        { href: withTime(paths.nodeBootstrap(nodeId), time), label: "Bootstrap" },
        activity,
      ]}
    />
  );
}
