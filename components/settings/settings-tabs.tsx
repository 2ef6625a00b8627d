"use client";

import { paths } from "#lib/client/paths";
import { Tabs } from "../ui/tabs.tsx";

/** The pages of the settings. */
export function SettingsTabs() {
  return (
    <Tabs
      label="Settings"
      tabs={[
        { href: paths.settings("people"), label: "People" },
        { href: paths.settings("service-accounts"), label: "Service accounts" },
        { href: paths.settings("sessions"), label: "Sessions" },
        { href: paths.settings("trust-domains"), label: "Trust domains" },
        { href: paths.settings("single-sign-on"), label: "Single sign-on" },
      ]}
    />
  );
}
