"use client";

import type { Asked } from "#lib/client/compliance";
import { paths } from "#lib/client/paths";
import { useAccount } from "../shell/account-context.tsx";
import { Tabs } from "../ui/tabs.tsx";

/** Controls of frameworks, the measures that they rest on, and what was frozen of both. */
export function ComplianceTabs({ asked }: { asked: Asked }) {
  const { review } = useAccount();
  return (
    <Tabs
      label="Compliance"
      tabs={[
        { href: paths.compliance(asked), label: "Controls" },
        { href: paths.complianceMeasures(asked), label: "Measures" },
        { href: paths.reports(), label: "Reports" },
        { href: paths.frameworks(), label: "Frameworks" },
        ...(review ? [] : [{ href: paths.reportSchedules(), label: "Schedules" }]),
      ]}
    />
  );
}
