"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { automaticOptions } from "#lib/client/automatic";
import { judgementWords, MODE_WORDS, sumsSentence } from "#lib/client/automatic-words";
import { displayText, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { AutomaticReport } from "#lib/contracts/automatic";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { Card } from "../ui/card.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { AutomaticDialog } from "./automatic-dialog.tsx";
import { SettingsTabs } from "./settings-tabs.tsx";

/** Whether failed nodes are contained without a person, what would hold that back, and what it did. */
export function AutomaticPage() {
  const { data, error, refetch } = useQuery(automaticOptions());
  return (
    <>
      <PageHeader title="Automatic containment" />
      <SettingsTabs />
      <p className="max-w-[80ch] py-3 text-muted">
        A node may be quarantined without a person when evidence rooted in its hardware says for certain that
        it is bad. Nodes of control planes are never taken, and never more than the{" "}
        <TimeLink href={paths.settings("limits")} className="link touch">
          limits
        </TimeLink>{" "}
        allow.
      </p>
      {data ? (
        <div className="flex max-w-[900px] flex-col gap-3 pb-6">
          <Setting report={data} />
          <Breaker breaker={data.breaker} />
          <Judgements items={data.items} />
        </div>
      ) : error ? (
        <ErrorPanel
          title="Automatic containment could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows rows={6} label="Loading automatic containment" />
      )}
    </>
  );
}

function Setting({ report }: { report: AutomaticReport }) {
  const [editing, setEditing] = useState(false);
  const disabled = useDisabledReason("remediation:configure");
  const { mode, since, changedBy, reason } = report.setting;
  return (
    <Card
      title={displayText(report.domain.name).text}
      actions={
        <GuardedButton
          size="sm"
          reason={disabled}
          aria-label="Change automatic containment"
          onClick={() => setEditing(true)}
        >
          Change
        </GuardedButton>
      }
    >
      <p className="max-w-[80ch] text-data">
        <strong className="font-medium">{MODE_WORDS[mode].label}.</strong> {MODE_WORDS[mode].does}
      </p>
      {since === null ? (
        <p className="pt-1 text-small text-muted">It was never turned on.</p>
      ) : (
        <p className="pt-1 text-small break-words text-muted">
          Set by {changedBy === null ? "somebody" : displayText(changedBy).text}{" "}
          <Timestamp iso={since} absolute />
          {reason !== null && `: ${displayText(reason).text}`}
        </p>
      )}
      {mode !== "off" && <p className="pt-1 text-data">{sumsSentence(mode, report.sums)}</p>}
      <AutomaticDialog report={report} open={editing} onOpenChange={setEditing} />
    </Card>
  );
}

function Breaker({ breaker: { incident, storm, pauses, budget } }: { breaker: AutomaticReport["breaker"] }) {
  const { left, perWindow } = budget;
  const clear = incident === null && storm === null && pauses.length === 0 && left > 0;
  return (
    <Card title="What would hold it back now">
      <ul aria-label="What would hold it back now" className="flex flex-col gap-1 text-data">
        {clear && <li>Nothing: the breaker is closed.</li>}
        {incident && (
          <li className="break-words text-warn-fg">
            The breaker is on until an incident is resolved:{" "}
            <TimeLink href={paths.incident(incident.id)} className="link touch">
              {displayText(incident.title).text}
            </TimeLink>
          </li>
        )}
        {storm && (
          <li className="break-words text-warn-fg">
            A storm: {formatPlural(storm.nodes, "node")} failed alike since{" "}
            <Timestamp iso={storm.since} absolute /> ({displayText(storm.reason).text}). Suspect the baseline
            or the verifier.{" "}
            <TimeLink href={paths.runbook("storm")} className="link touch">
              Runbook
            </TimeLink>
          </li>
        )}
        {pauses.map(({ reason, madeBy, until }) => (
          <li key={`${until} ${reason}`} className="break-words text-warn-fg">
            {madeBy === null ? "Touchstone" : displayText(madeBy).text} holds it back until{" "}
            <Timestamp iso={until} absolute />: {displayText(reason).text}
          </li>
        ))}
        <li className={left > 0 ? undefined : "text-warn-fg"}>
          {left} of {formatPlural(perWindow, "node")} may still be taken within ten minutes.
        </li>
      </ul>
    </Card>
  );
}

function Judgements({ items }: { items: AutomaticReport["items"] }) {
  return (
    <Card title="What it judged" flush>
      {items.length === 0 ? (
        <p className="px-3 py-2 text-data text-muted">
          No failure was judged yet. When a node fails while this is not off, it stands here with what was
          done or would have been done, and why.
        </p>
      ) : (
        <ul aria-label="Judged failures">
          {items.map((item) => (
            <li
              key={`${item.nodeId} ${item.failedAt}`}
              className="flex flex-col gap-1 border-b border-line px-3 py-2 text-data last:border-b-0"
            >
              <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
                <Badge tone={item.outcome === "acts" ? "danger" : "neutral"}>{judgementWords(item)}</Badge>
                <TimeLink
                  href={paths.nodeTimeline(item.nodeId)}
                  className="link touch inline-flex items-center"
                >
                  <HostileText text={item.nodeName} max={60} />
                </TimeLink>
                <span className="text-small text-muted">
                  failed <Timestamp iso={item.failedAt} absolute />, judged <Timestamp iso={item.judgedAt} />
                </span>
                {item.requestId !== null && (
                  <TimeLink
                    href={paths.remediation(item.requestId)}
                    className="link touch inline-flex items-center text-small"
                  >
                    Request
                  </TimeLink>
                )}
              </span>
              <span className="text-small break-words">
                {displayText(item.why).text} Decided by {item.policyVersion ?? "the built-in policy"}.
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
