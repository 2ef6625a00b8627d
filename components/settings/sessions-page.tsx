"use client";

import { useQuery } from "@tanstack/react-query";
import { sessionsOptions } from "#lib/client/access";
import { formatPlural } from "#lib/client/format";
import { useDisabledReason } from "../shell/account-context.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { SessionList } from "./session-list.tsx";
import { SettingsTabs } from "./settings-tabs.tsx";

/** Who is signed in. */
export function SessionsPage() {
  const { data, error, refetch } = useQuery(sessionsOptions());
  const reason = useDisabledReason("user:manage");
  return (
    <>
      <PageHeader
        title="Sessions"
        meta={data && formatPlural(data.items.length, "open session", "open sessions")}
      />
      <SettingsTabs />
      {data === undefined && !error && <SkeletonRows rows={4} label="Loading sessions" />}
      {data === undefined && error && (
        <ErrorPanel title="The sessions could not be loaded" error={error} onRetry={() => void refetch()} />
      )}
      {data && <SessionList sessions={data.items} reason={reason} />}
    </>
  );
}
