"use client";

import { useQuery } from "@tanstack/react-query";
import { changeOptions } from "#lib/client/changes";
import { displayText, middleEllipsis } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { ChangeView } from "#lib/contracts/change-request";
import { ActivityTabs } from "../audit/activity-tab.tsx";
import { Badge } from "../ui/badge.tsx";
import { Card } from "../ui/card.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { ChangePreviewView } from "./change-preview.tsx";
import { ChangeStateBadge } from "./change-state.tsx";
import { DecideForm } from "./decide-form.tsx";

const CRUMBS = [{ href: paths.changes(), label: "Changes" }];

/** One request: what is asked and why, the decision, and what it would move. */
export function ChangeDetail({ requestId }: { requestId: string }) {
  const { data, error, refetch } = useQuery(changeOptions(requestId));
  if (data) return <Loaded change={data} />;
  return (
    <>
      <PageHeader title="Change request" crumbs={CRUMBS} />
      {error ? (
        <ErrorPanel title="The request could not be loaded" error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={4} label="Loading the request" />
      )}
    </>
  );
}

function Loaded({ change }: { change: ChangeView }) {
  const { id, kindLabel, summary, reason, state, expiresAt, proposedBy, proposedAt, planHash, preview } =
    change;
  return (
    <>
      <PageHeader
        crumbs={CRUMBS}
        title={kindLabel}
        meta={<ChangeStateBadge state={state} expiresAt={expiresAt} />}
      />
      <ActivityTabs label="Change request" overview={paths.change(id)} activity={paths.changeActivity(id)} />
      <div className="flex max-w-[900px] flex-col gap-3 pt-3 pb-6">
        <div className="flex flex-col gap-1">
          <p className="text-title font-semibold break-words">{displayText(summary).text}</p>
          <p className="max-w-[90ch] break-words">{displayText(reason).text}</p>
          <p className="text-small text-muted">
            Proposed by {displayText(proposedBy).text} <Timestamp iso={proposedAt} absolute />, plan{" "}
            <code className="font-mono" title={planHash}>
              {middleEllipsis(planHash, 16)}
            </code>
          </p>
        </div>
        <Votes change={change} />
        <DecideForm change={change} />
        <h2 className="sr-only">What it would move, as of when it was proposed</h2>
        <ChangePreviewView preview={preview} />
      </div>
    </>
  );
}

function Votes({ change: { votes, state, expiresAt } }: { change: ChangeView }) {
  if (votes.length === 0) {
    if (state !== "pending") return null;
    return (
      <p className="text-small text-muted">
        Nobody has decided it. It expires <Timestamp iso={expiresAt} absolute />.
      </p>
    );
  }
  return (
    <Card title="Decision" flush>
      <ul>
        {votes.map(({ email, decision, reason, at }) => (
          <li key={email} className="flex flex-col gap-0.5 px-3 py-2 text-data">
            <span className="flex flex-wrap items-center gap-2">
              <Badge tone={decision === "deny" ? "danger" : "accent"}>
                {decision === "deny" ? "denied" : "approved"}
              </Badge>
              {displayText(email).text} <Timestamp iso={at} absolute />
            </span>
            {reason !== null && <span className="break-words text-muted">{displayText(reason).text}</span>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
