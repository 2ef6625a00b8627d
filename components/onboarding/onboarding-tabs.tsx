"use client";

import { paths } from "#lib/client/paths";
import { Tabs } from "../ui/tabs.tsx";

/** The three questions about nodes that join: where they stand, who waits for a person, whose credentials end. */
export function OnboardingTabs() {
  return (
    <Tabs
      label="Onboarding"
      tabs={[
        { href: paths.onboarding(), label: "Board" },
        { href: paths.enrolmentQueue(), label: "Queue" },
        { href: paths.credentials(), label: "Credentials" },
      ]}
    />
  );
}
