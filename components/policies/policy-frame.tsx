"use client";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { formatPlural } from "#lib/client/format";
import { type PolicyTab, paths } from "#lib/client/paths";
import { policyListOptions, policyOptions } from "#lib/client/policies";
import { withTime } from "#lib/client/time-travel";
import type { PolicyView } from "#lib/contracts/policy";
import { useActivityTab } from "../audit/activity-tab.tsx";
import { PresentOnlyNote, useTimeTravel } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { PolicyActions } from "./policy-actions.tsx";
import { Deciding } from "./policy-list.tsx";
import { STAGE_MEANING, STAGE_TONE, stageOf } from "./policy-words.ts";

const TABS: readonly { tab?: PolicyTab; label: string; forBuiltIn: string | null }[] = [
  { label: "Rules", forBuiltIn: "Rules" },
  { tab: "versions", label: "Versions", forBuiltIn: null },
  { tab: "edit", label: "Edit", forBuiltIn: "Start from it" },
  { tab: "test", label: "Test on node", forBuiltIn: "Test on node" },
  { tab: "impact", label: "Impact", forBuiltIn: "Impact" },
  { tab: "backtest", label: "Backtest", forBuiltIn: "Backtest" },
  { tab: "exceptions", label: "Exceptions", forBuiltIn: "Exceptions" },
];

/** What stands on every page of a policy: its name, its stage, what can be done with it, and the tabs. */
export function PolicyFrame({ name, children }: { name: string; children: ReactNode }) {
  const { time } = useTimeTravel();
  const { data, error, refetch } = useQuery(policyOptions(name));
  const deciding = useQuery(policyListOptions()).data?.deciding;
  const activity = useActivityTab(paths.policy(name, "activity"));
  const crumbs = [{ href: withTime(paths.policies(), time), label: "Policies" }];
  if (!data) {
    return (
      <>
        <PageHeader title={name} crumbs={crumbs} />
        {error ? (
          <ErrorPanel title="The policy could not be loaded" error={error} onRetry={() => void refetch()} />
        ) : (
          <SkeletonRows rows={8} label="Loading the policy" />
        )}
      </>
    );
  }
  const tabs = TABS.flatMap(({ tab, label, forBuiltIn }) => {
    const words = data.builtIn ? forBuiltIn : label;
    return words === null ? [] : [{ href: withTime(paths.policy(name, tab), time), label: words }];
  });
  return (
    <>
      <PageHeader
        crumbs={crumbs}
        title={name}
        meta={<Meta policy={data} />}
        actions={!data.builtIn && <PolicyActions policy={data} />}
      />
      <PresentOnlyNote>Policies are shown as they are now.</PresentOnlyNote>
      {deciding && <Deciding deciding={deciding} />}
      <Tabs label="Policy" tabs={[...tabs, activity]} />
      <div className="pt-3 pb-6">{children}</div>
    </>
  );
}

function Meta({ policy }: { policy: PolicyView }) {
  const stage = stageOf(policy);
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <Badge tone={STAGE_TONE[stage]} title={STAGE_MEANING[stage]}>
        {policy.builtIn ? "built in" : stage}
      </Badge>
      {policy.builtIn
        ? "read-only; decides where nothing else is enforced"
        : `newest version v${policy.version}`}
      {", "}
      decides about {formatPlural(policy.decides, "node")} now
    </span>
  );
}

/** The policy of the frame around; the frame shows nothing else before it is there. */
export function usePolicy(name: string): PolicyView | undefined {
  return useQuery(policyOptions(name)).data;
}
