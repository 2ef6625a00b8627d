"use client";

import { Tabs } from "#components/ui/tabs";
import { paths } from "#lib/client/paths";

/** The node's pages; each has an address of its own. */
export function NodeTabs({ nodeId }: { nodeId: string }) {
  return (
    <Tabs
      label="Node"
      tabs={[
        { href: paths.nodeTimeline(nodeId), label: "Timeline", also: [paths.node(nodeId)] },
        { href: paths.nodeEvidence(nodeId), label: "Evidence" },
        { href: paths.nodeBootstrap(nodeId), label: "Bootstrap" },
      ]}
    />
  );
}
