"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { formatPlural } from "#lib/client/format";
import { serviceAccountsOptions } from "#lib/client/service-accounts";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { ServiceAccountCard } from "./service-account-card.tsx";
import { CreateServiceAccountDialog } from "./service-account-dialogs.tsx";
import { SettingsTabs } from "./settings-tabs.tsx";

/** Programs that act here: their roles, their keys, the tokens that count as them. */
export function ServiceAccountsPage() {
  const { data, error, refetch } = useQuery(serviceAccountsOptions());
  const reason = useDisabledReason("user:manage");
  const [creating, setCreating] = useState(false);
  return (
    <>
      <PageHeader
        title="Service accounts"
        meta={data && formatPlural(data.items.length, "service account", "service accounts")}
        actions={
          <GuardedButton variant="primary" reason={reason} onClick={() => setCreating(true)}>
            Create a service account
          </GuardedButton>
        }
      />
      <SettingsTabs />
      {data === undefined && !error && <SkeletonRows rows={4} label="Loading service accounts" />}
      {data === undefined && error && (
        <ErrorPanel
          title="The service accounts could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {data?.items.length === 0 && (
        <EmptyState title="No program acts here">
          A service account lets a pipeline or a script use the API with roles of its own. It never approves,
          never triages and manages nobody: those stay with people.
        </EmptyState>
      )}
      <ul>
        {data?.items.map((account) => (
          <ServiceAccountCard key={account.id} account={account} issuers={data.issuers} reason={reason} />
        ))}
      </ul>
      <CreateServiceAccountDialog open={creating} onOpenChange={setCreating} />
    </>
  );
}
