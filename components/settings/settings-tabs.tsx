"use client";

import { paths } from "#lib/client/paths";
import type { Permission } from "#lib/domain/access";
import { useAccount } from "../shell/account-context.tsx";
import { Tabs } from "../ui/tabs.tsx";

export const SETTINGS_PAGES: readonly { href: string; label: string; permission: Permission }[] = [
  { href: paths.settings("people"), label: "People", permission: "user:read" },
  { href: paths.settings("service-accounts"), label: "Service accounts", permission: "user:read" },
  { href: paths.settings("sessions"), label: "Sessions", permission: "user:read" },
  { href: paths.settings("trust-domains"), label: "Trust domains", permission: "user:read" },
  { href: paths.settings("single-sign-on"), label: "Single sign-on", permission: "user:read" },
  { href: paths.settings("signing-keys"), label: "Signing keys", permission: "audit:read" },
  { href: paths.settings("connectors"), label: "Connectors", permission: "connector:read" },
  { href: paths.settings("notifications"), label: "Notifications", permission: "notify:read" },
  { href: paths.settings("siem"), label: "SIEM", permission: "sink:read" },
  { href: paths.settings("admission"), label: "Admission", permission: "fleet:read" },
  { href: paths.settings("limits"), label: "Limits", permission: "remediation:read" },
  { href: paths.settings("automatic"), label: "Automatic containment", permission: "remediation:read" },
  { href: paths.settings("drift"), label: "Drift", permission: "drift:read" },
];

/** The pages of the settings that the signed-in person may open. */
export function SettingsTabs() {
  const { permissions } = useAccount();
  return (
    <Tabs
      label="Settings"
      tabs={SETTINGS_PAGES.filter(({ permission }) => permissions.includes(permission))}
    />
  );
}
