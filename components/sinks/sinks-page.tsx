"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { formatPlural } from "#lib/client/format";
import { sinksOptions } from "#lib/client/sinks";
import { SettingsTabs } from "../settings/settings-tabs.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { SinkCard } from "./sink-card.tsx";
import { SinkDialog } from "./sink-dialog.tsx";

/** Other systems that are told what happens, and how far each is. */
export function SinksPage() {
  const { data, error, refetch } = useQuery(sinksOptions());
  const reason = useDisabledReason("sink:manage");
  const [adding, setAdding] = useState(false);
  return (
    <>
      <PageHeader
        title="SIEM"
        meta={data && formatPlural(data.items.length, "sink")}
        actions={
          <GuardedButton variant="primary" reason={reason} onClick={() => setAdding(true)}>
            Add a sink
          </GuardedButton>
        }
      />
      <SettingsTabs />
      <p className="max-w-[80ch] py-3 text-muted">
        Every sink is told the same events in one order, at least once each. What each fact becomes, and what
        a receiver needs: <code className="font-mono">docs/guide/siem.md</code>.
      </p>
      {data === undefined && !error && <SkeletonRows rows={4} label="Loading sinks" />}
      {data === undefined && error && (
        <ErrorPanel title="The sinks could not be loaded" error={error} onRetry={() => void refetch()} />
      )}
      {data?.items.length === 0 && (
        <EmptyState title="Nothing is told to other systems">
          A sink sends OCSF events to a SIEM: as JSON lines, to Splunk, as OpenTelemetry logs, over syslog, or
          to a signed webhook. Facts are kept for thirty days, so a sink that is added later can be told them.
        </EmptyState>
      )}
      <ul>
        {data?.items.map((sink) => (
          <SinkCard key={sink.id} sink={sink} kinds={data.kinds} reason={reason} />
        ))}
      </ul>
      {data && <SinkDialog kinds={data.kinds} before={null} open={adding} onOpenChange={setAdding} />}
    </>
  );
}
