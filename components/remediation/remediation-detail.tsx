"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { displayText, middleEllipsis } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { ACTION_WORDS } from "#lib/client/remediation-words";
import { remediationOptions } from "#lib/client/remediations";
import type { RemediationDetail } from "#lib/contracts/remediation";
import { recipeById } from "#lib/domain/recipe";
import { isOpenToVotes } from "#lib/domain/remediation";
import { ACTION_RUNBOOKS } from "#lib/domain/runbook";
import { ActivityTabs } from "../audit/activity-tab.tsx";
import { useMissingRole } from "../shell/account-context.tsx";
import { Badge } from "../ui/badge.tsx";
import { Card } from "../ui/card.tsx";
import { cn } from "../ui/cn.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { CheckList } from "./check-list.tsx";
import { Countdown } from "./countdown.tsx";
import { DecisionBar } from "./decision-bar.tsx";
import { ExecutionCard } from "./execution-card.tsx";
import { LimitsNote, ResidualSentence, WindowSentence } from "./plan-sentences.tsx";
import { requestTitle } from "./remediation-card.tsx";
import { RequestActions } from "./request-actions.tsx";
import { RequestStateBadge } from "./request-state.tsx";
import { ReviewCard } from "./review-card.tsx";
import { TargetsCard } from "./targets-card.tsx";
import { VotesCard } from "./votes-card.tsx";

const CRUMBS = [{ href: paths.remediations(), label: "Remediations" }];

/** One request: what is asked and why, whether it is safe to say yes, the decision, and what was done. */
export function RemediationDetailPage({ requestId }: { requestId: string }) {
  const { data, error, refetch } = useQuery(remediationOptions(requestId));
  if (data) return <Loaded request={data} />;
  return (
    <>
      <PageHeader title="Remediation" crumbs={CRUMBS} />
      {error ? (
        <ErrorPanel title="The request could not be loaded" error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={6} label="Loading the request" />
      )}
    </>
  );
}

function Loaded({ request }: { request: RemediationDetail }) {
  const { id, state, origin, expiresAt, targets, may, execution } = request;
  const [out, setOut] = useState<ReadonlySet<string>>(new Set());
  const evidence = useMissingRole("drift:read");
  const kept = targets.filter(({ nodeId }) => !out.has(nodeId)).map(({ nodeId }) => nodeId);
  const decides = may.approve === null;
  function keep(nodeId: string, on: boolean) {
    setOut((now) => new Set(on ? [...now].filter((one) => one !== nodeId) : [...now, nodeId]));
  }
  return (
    <>
      <PageHeader
        crumbs={CRUMBS}
        title={requestTitle(request)}
        meta={
          <span className="inline-flex flex-wrap items-center gap-2">
            <RequestStateBadge state={state} />
            {origin === "break_glass" && <Badge tone="danger">break-glass</Badge>}
            {origin === "drill" && <Badge>rehearsal</Badge>}
            {origin === "real_drill" && <Badge tone="warn">drill</Badge>}
            {isOpenToVotes(state) && <Countdown iso={expiresAt} verb="expires" over="time is over" />}
          </span>
        }
      />
      <ActivityTabs
        label="Remediation"
        overview={paths.remediation(id)}
        activity={paths.remediationActivity(id)}
      />
      <div className={cn("flex max-w-[900px] flex-col gap-3 pt-3 pb-6", decides && "max-md:pb-44")}>
        <Ask request={request} />
        <ReviewCard request={request} />
        <RequestActions request={request} />
        <Checks request={request} />
        <TargetsCard
          targets={targets}
          kept={may.approve === null && may.narrow === null ? new Set(kept) : null}
          onKeep={keep}
          evidence={evidence}
        />
        <VotesCard request={request} />
        {execution && <ExecutionCard execution={execution} state={state} />}
        <DecisionBar request={request} kept={kept} />
      </div>
    </>
  );
}

/** What would be done and why, who asked, and when. */
function Ask({ request }: { request: RemediationDetail }) {
  const { action, reason, requestedBy, requestedAt, ticket, recipe, plan, planHash, startAt, state } =
    request;
  const { held, outcome, window, residual, driftGroups } = request;
  const timed = startAt !== null || window.mode === "respect";
  const waits = isOpenToVotes(state) && (state === "pending" || timed);
  return (
    <section aria-label="What is asked" className="flex min-w-0 flex-col gap-1 text-data">
      <p className="max-w-[90ch] text-title font-semibold break-words">{displayText(reason).text}</p>
      <p className="max-w-[90ch] break-words">
        {request.origin === "drill"
          ? "A rehearsal: every check is made, every step is previewed, and nothing is done to any node."
          : ACTION_WORDS[action].consequence}
        {request.origin === "real_drill" &&
          " A drill, on nodes that are marked as sacrificial: it is done wholly, and nobody needs it done."}
      </p>
      {held !== null && <p className="break-words text-warn-fg">{displayText(held).text}</p>}
      {outcome !== null && <p className="font-medium break-words">{displayText(outcome).text}</p>}
      <ResidualSentence residual={residual} />
      {waits && <WindowSentence window={window} startAt={startAt} />}
      <p className="text-small break-words text-muted">
        {requestedBy === null ? "Asked for by a policy" : `Asked for by ${displayText(requestedBy).text}`}{" "}
        <Timestamp iso={requestedAt} absolute />
        {ticket !== null && `, ticket ${displayText(ticket).text}`}, recipe “
        {recipeById(recipe)?.title ?? displayText(recipe).text}” v{plan.recipeVersion}
        {chosenWords(plan.params)}, plan{" "}
        <code className="font-mono" title={planHash}>
          {middleEllipsis(planHash, 16)}
        </code>
        . What to do:{" "}
        <Link href={paths.runbook(ACTION_RUNBOOKS[action])} className="link touch">
          runbook
        </Link>
      </p>
      <LimitsNote limits={plan.limits} />
      {driftGroups.length > 0 && (
        <p className="text-small break-words text-muted">
          Because of the drift{" "}
          {driftGroups.map(({ id, path }, index) => (
            <span key={id}>
              {index > 0 && ", "}
              <Link href={paths.drift({ peek: id })} className="link touch font-mono break-all">
                {displayText(path).text}
              </Link>
            </span>
          ))}
        </p>
      )}
    </section>
  );
}

/** What of the recipe was asked for besides what it always does. */
function chosenWords(params: Readonly<Record<string, unknown>>): string {
  const chosen = Object.keys(params).filter((name) => params[name] === true);
  return chosen.length === 0 ? "" : ` with ${displayText(chosen.join(", ")).text}`;
}

/** The conditions as they are now while it can still be decided, else as they were when it was asked for. */
function Checks({ request: { checks, checksNow } }: { request: RemediationDetail }) {
  const now = checksNow.length > 0;
  const fromTargets = checks.filter(({ source }) => source === "target");
  const shown = now ? [...checksNow, ...fromTargets] : checks;
  return (
    <Card title={now ? "Checks, as of now" : "Checks, as of when it was asked for"}>
      <CheckList checks={shown} empty="No limit is touched by this." />
      {now && fromTargets.length > 0 && (
        <p className="pt-2 text-small text-muted">
          What was read from the targets is as of when it was asked for. It is read again at the start.
        </p>
      )}
    </Card>
  );
}
