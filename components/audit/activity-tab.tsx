"use client";

import { withTime } from "#lib/client/time-travel";
import { useMissingRole } from "../shell/account-context.tsx";
import { useTimeTravel } from "../shell/time-travel.tsx";
import { type Tab, Tabs } from "../ui/tabs.tsx";

/** The tab that leads to an object's activity; it stays in sight for those who may not read it. */
export function useActivityTab(href: string): Tab {
  const { time } = useTimeTravel();
  return { href: withTime(href, time), label: "Activity", reason: useMissingRole("audit:read") };
}

/** Tabs of an object whose own page has none but this one. */
export function ActivityTabs({
  label,
  overview,
  activity,
}: {
  label: string;
  overview: string;
  activity: string;
}) {
  const { time } = useTimeTravel();
  return (
    <Tabs
      label={label}
      tabs={[{ href: withTime(overview, time), label: "Overview" }, useActivityTab(activity)]}
    />
  );
}
