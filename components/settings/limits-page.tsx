"use client";

import { useQuery } from "@tanstack/react-query";
import { displayText } from "#lib/client/format";
import { remediationLimitsOptions } from "#lib/client/remediation-limits";
import type { RemediationLimitsView } from "#lib/contracts/remediation-limits";
import { limitWords } from "#lib/domain/remediation-limits";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { DomainSettingCard } from "./domain-setting-card.tsx";
import { LimitsDialog } from "./limits-dialog.tsx";
import { LimitsRoomView } from "./limits-room.tsx";
import { SettingsTabs } from "./settings-tabs.tsx";

type Domain = RemediationLimitsView["domains"][number];

/** How much may be away at a time in each trust domain, and what that allows in its pools now. */
export function LimitsPage() {
  const { data, error, refetch } = useQuery(remediationLimitsOptions());
  return (
    <>
      <PageHeader title="Limits of remediation" />
      <SettingsTabs />
      <p className="max-w-[80ch] py-3 text-muted">
        Nothing is started that would take more nodes away than this. Whatever takes a node away counts:
        people, policies, other tools. The limits are part of every plan that people vote on. A control plane
        always keeps its majority.
      </p>
      {data ? (
        <div className="flex max-w-[900px] flex-col gap-3 pb-6">
          {data.domains.map((domain) => (
            <DomainLimits key={domain.trustDomainId} domain={domain} />
          ))}
        </div>
      ) : error ? (
        <ErrorPanel title="The limits could not be loaded" error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={6} label="Loading limits" />
      )}
    </>
  );
}

function DomainLimits({ domain }: { domain: Domain }) {
  const { limits, now } = domain;
  const name = displayText(domain.name).text;
  return (
    <DomainSettingCard
      domain={domain}
      what="limits"
      permission="remediation:configure"
      dialog={(state) => <LimitsDialog domain={domain} {...state} />}
    >
      <div className="grid gap-3 sm:grid-cols-2">
        <div>
          <h3 className="label pb-1">What holds</h3>
          <ul className="flex flex-col gap-0.5 text-data">
            {limitWords(limits).map((words) => (
              <li key={words} className="break-words">
                {words.charAt(0).toUpperCase() + words.slice(1)}
              </li>
            ))}
          </ul>
        </div>
        <div>
          <h3 className="label pb-1">What it allows now</h3>
          <LimitsRoomView room={now} label={`What is allowed now in ${name}`} />
        </div>
      </div>
    </DomainSettingCard>
  );
}
