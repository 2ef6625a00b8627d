"use client";

import { useQuery } from "@tanstack/react-query";
import { displayText } from "#lib/client/format";
import { driftSettingsOptions } from "#lib/client/maintenance";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { DriftSettingsForm } from "./drift-settings-form.tsx";
import { SettingsTabs } from "./settings-tabs.tsx";

/** How heavily differences weigh, and from which sums on they matter. */
export function DriftSettingsPage() {
  const { data, error, refetch } = useQuery(driftSettingsOptions());
  return (
    <>
      <PageHeader
        title="Drift settings"
        meta={
          data &&
          `${displayText(data.trustDomain).text}, ${data.version === 0 ? "built-in values" : `version ${data.version}`}`
        }
      />
      <SettingsTabs />
      <p className="max-w-[80ch] py-2 text-data text-muted">
        Every difference adds its weight to the sum of its layer; a sum that reaches a threshold makes the
        node worse than any single difference does. A setting never makes a node better than its worst
        difference, and what a difference is (authorised, benign, unexplained, malicious-like) is decided by
        rules and not here.
      </p>
      {!data && !error && <SkeletonRows rows={8} label="Loading the drift settings" />}
      {!data && error && (
        <ErrorPanel title="The settings could not be loaded" error={error} onRetry={() => void refetch()} />
      )}
      {data && <DriftSettingsForm key={data.version} view={data} />}
    </>
  );
}
