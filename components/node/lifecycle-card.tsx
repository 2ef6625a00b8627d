"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useDisabledReason } from "#components/shell/account-context";
import { GuardedButton } from "#components/shell/guarded-button";
import { TimeLink, useTimeTravel } from "#components/shell/time-travel";
import { Badge } from "#components/ui/badge";
import { Button } from "#components/ui/button";
import { Card } from "#components/ui/card";
import { ErrorPanel } from "#components/ui/error-panel";
import { HostileText } from "#components/ui/hostile-text";
import { SkeletonRows } from "#components/ui/skeleton";
import { Timestamp } from "#components/ui/timestamp";
import { announceDone } from "#components/ui/toast";
import { ApiProblem } from "#lib/client/api";
import { formatDuration } from "#lib/client/format";
import { lifecycleOptions, retryNode } from "#lib/client/lifecycle";
import { LIFECYCLE_WORDS, transitionSentence } from "#lib/client/lifecycle-words";
import { nodeDetailKeys } from "#lib/client/node";
import { paths } from "#lib/client/paths";
import type { LifecycleView, TransitionView } from "#lib/contracts/lifecycle";

/** The node's life cycle: every transition with its cause, and every attempt that was refused. */
export function LifecycleCard({ nodeId }: { nodeId: string }) {
  const { time } = useTimeTravel();
  const { data, error, refetch } = useQuery(lifecycleOptions(nodeId, time));
  return (
    <Card flush title="Life cycle" actions={data && <Retry view={data} />}>
      {data === undefined && error && (
        <ErrorPanel
          compact
          title="The life cycle could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {data === undefined && !error && <SkeletonRows rows={3} label="Loading the life cycle" />}
      {data && <History view={data} />}
    </Card>
  );
}

function History({ view }: { view: LifecycleView }) {
  const { state, since, history, truncated, timeoutAt } = view;
  return (
    <>
      <p className="border-b border-line px-3 py-2 text-data">
        <span className="font-medium">{LIFECYCLE_WORDS[state]}</span>{" "}
        <span className="text-muted">
          since <Timestamp iso={since} absolute />
          {timeoutAt && (
            <>
              ; the time for it ends <Timestamp iso={timeoutAt} absolute />
            </>
          )}
        </span>
      </p>
      {history.length === 0 ? (
        <p className="px-3 py-3 text-small text-muted">
          Nothing has moved it yet. Verdicts alone do not: a source that provisions or enrolls nodes has to
          tell how it got its identity.
        </p>
      ) : (
        <ol aria-label="Transitions, newest first" className="divide-y divide-line">
          {history.map((transition) => (
            <Transition
              key={`${transition.at} ${transition.rule} ${transition.event}`}
              nodeId={view.nodeId}
              transition={transition}
            />
          ))}
        </ol>
      )}
      {truncated && (
        <p className="border-t border-line px-3 py-2 text-small text-muted">
          Older transitions are left out.
        </p>
      )}
    </>
  );
}

function Transition({ nodeId, transition }: { nodeId: string; transition: TransitionView }) {
  const { at, outcome, rule, cause, actor, notes, afterMs, from, policyVersion } = transition;
  const refused = outcome === "refused";
  return (
    <li className="flex min-w-0 flex-col gap-0.5 px-3 py-2 text-data">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <Badge tone={refused ? "danger" : "neutral"} title={refused ? "Refused" : "Made"}>
          {rule}
        </Badge>
        <span className="min-w-0 font-medium break-words">{transitionSentence(transition)}</span>
      </p>
      <p className="text-small text-muted">
        <Timestamp iso={at} absolute />, {formatDuration(afterMs)} in {from}
        {" · by "}
        <HostileText
          text={actor.kind === "source" ? (cause.sourceName ?? "a source") : (actor.id ?? actor.kind)}
          max={60}
        />
        {cause.sourceName && actor.kind !== "source" && (
          <>
            {" at "}
            <HostileText text={cause.sourceName} max={40} />
          </>
        )}
        {" · "}
        {policyVersion}
        {cause.id && (cause.kind === "verdict" || cause.kind === "line") && (
          <>
            {" · "}
            <TimeLink href={paths.nodeEvidence(nodeId, { event: cause.id })} className="link">
              evidence
            </TimeLink>
          </>
        )}
      </p>
      {cause.reasonText && (
        <p className="text-small break-words text-muted">
          <HostileText text={cause.reasonText} className="[&_bdi]:whitespace-normal" />
        </p>
      )}
      {notes.map(({ code, text }) => (
        <p key={code} className="text-small text-muted">
          Taken for granted: {text}
        </p>
      ))}
    </li>
  );
}

/** Beginning a failed node's step again, where its life cycle has that. */
function Retry({ view: { nodeId, state, history } }: { view: LifecycleView }) {
  const reason = useDisabledReason("lifecycle:retry");
  const queryClient = useQueryClient();
  const failedFrom = history.find(({ to, outcome }) => to === "failed" && outcome === "moved")?.from;
  const step = failedFrom === "enrolling" ? ("enroll" as const) : ("provision" as const);
  const retry = useMutation({
    mutationFn: () => retryNode(nodeId, step),
    onSuccess: async () => {
      announceDone({ title: "Begun again; the node moves within seconds" });
      await queryClient.invalidateQueries({ queryKey: nodeDetailKeys.one(nodeId) });
    },
  });
  if (state !== "failed" || (failedFrom !== "enrolling" && failedFrom !== "provisioning")) return null;
  const text = step === "enroll" ? "Retry enrollment" : "Retry provisioning";
  return (
    <span className="flex flex-wrap items-center justify-end gap-2">
      {retry.error && (
        <span role="alert" className="text-small text-danger">
          {retry.error instanceof ApiProblem ? retry.error.detail : "It could not be sent."}
        </span>
      )}
      {reason === null ? (
        <Button size="sm" pending={retry.isPending} onClick={() => retry.mutate()}>
          {text}
        </Button>
      ) : (
        <GuardedButton size="sm" reason={reason}>
          {text}
        </GuardedButton>
      )}
    </span>
  );
}
