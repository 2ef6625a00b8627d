"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { connectorsOptions } from "#lib/client/connectors";
import { formatPlural } from "#lib/client/format";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { ConnectorCard } from "./connector-card.tsx";
import { ConnectorDialog } from "./connector-dialog.tsx";
import { SettingsTabs } from "./settings-tabs.tsx";

/** Systems that can isolate or rebuild nodes, and whether they would. */
export function ConnectorsPage() {
  const { data, error, refetch } = useQuery(connectorsOptions());
  const reason = useDisabledReason("connector:manage");
  const [adding, setAdding] = useState(false);
  return (
    <>
      <PageHeader
        title="Connectors"
        meta={data && formatPlural(data.items.length, "connector", "connectors")}
        actions={
          <GuardedButton variant="primary" reason={reason} onClick={() => setAdding(true)}>
            Add a connector
          </GuardedButton>
        }
      />
      <SettingsTabs />
      {data === undefined && !error && <SkeletonRows rows={4} label="Loading connectors" />}
      {data === undefined && error && (
        <ErrorPanel title="The connectors could not be loaded" error={error} onRetry={() => void refetch()} />
      )}
      {data?.items.length === 0 && (
        <EmptyState title="Nothing can act on nodes yet">
          A connector lets an approved remediation isolate, release or rebuild a node: through Kubernetes,
          Cluster API, AWX, or any system that takes a signed webhook. By itself it never acts.
        </EmptyState>
      )}
      <ul>
        {data?.items.map((connector) => (
          <ConnectorCard key={connector.id} connector={connector} kinds={data.kinds} reason={reason} />
        ))}
      </ul>
      {data && <ConnectorDialog kinds={data.kinds} before={null} open={adding} onOpenChange={setAdding} />}
    </>
  );
}
