"use client";

import { useQuery } from "@tanstack/react-query";
import { ownSessionsOptions } from "#lib/client/access";
import { SessionList } from "../settings/session-list.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";

/** Where one is signed in. */
export function OwnSessions() {
  const { data, error, refetch } = useQuery(ownSessionsOptions());
  if (data) return <SessionList sessions={data.items} reason={null} />;
  if (error)
    return (
      <ErrorPanel title="The sessions could not be loaded" error={error} onRetry={() => void refetch()} />
    );
  return <SkeletonRows rows={2} label="Loading sessions" />;
}
