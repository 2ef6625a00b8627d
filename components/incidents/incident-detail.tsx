"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import { driftKeys, handleIncident, incidentOptions } from "#lib/client/drift";
import { displayText, formatCount, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { IncidentView } from "#lib/contracts/incident";
import { ActivityTabs } from "../audit/activity-tab.tsx";
import { StatusBadge } from "../fleet/status-badge.tsx";
import { useAccount, useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Badge } from "../ui/badge.tsx";
import { Card } from "../ui/card.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Field, fieldHintId, Textarea } from "../ui/input.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

const CRUMBS = [{ href: paths.incidents(), label: "Incidents" }];

/** One incident: what it is likely to be, what happened when, whom it hits, and what people wrote. */
export function IncidentDetail({ incidentId }: { incidentId: string }) {
  const { data, error, refetch } = useQuery(incidentOptions(incidentId));
  if (data) return <Loaded incident={data} />;
  return (
    <>
      <PageHeader title="Incident" crumbs={CRUMBS} />
      {error ? (
        <ErrorPanel title="The incident could not be loaded" error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={5} label="Loading the incident" />
      )}
    </>
  );
}

function Loaded({ incident }: { incident: IncidentView }) {
  const { id, title, state, breaker, cause, runbook, openedAt, owner, resolved, kind } = incident;
  return (
    <>
      <PageHeader
        crumbs={CRUMBS}
        title={displayText(title).text}
        meta={
          <span className="inline-flex flex-wrap gap-2">
            <Badge tone={state === "open" ? "accent" : "neutral"}>{state}</Badge>
            {breaker && state === "open" && <Badge tone="danger">breaker on</Badge>}
            <Badge>{kind.replaceAll("_", " ")}</Badge>
          </span>
        }
      />
      <ActivityTabs label="Incident" overview={paths.incident(id)} activity={paths.incidentActivity(id)} />
      <div className="flex max-w-[900px] flex-col gap-3 pt-3 pb-6">
        <p className="max-w-[90ch] break-words">{cause}</p>
        <p className="text-small text-muted">
          Opened <Timestamp iso={openedAt} absolute />, {owner ? `owned by ${owner.email}` : "nobody owns it"}
          . What to do:{" "}
          <Link href={paths.runbook(runbook)} className="link">
            runbook <code className="font-mono break-all">{runbook}</code>
          </Link>
        </p>
        {resolved && (
          <Card title="Review">
            <p className="text-data break-words whitespace-pre-wrap">{displayText(resolved.review).text}</p>
            <p className="text-small text-muted">
              {resolved.by ?? "Somebody"} <Timestamp iso={resolved.at} absolute />
            </p>
          </Card>
        )}
        <Act incident={incident} />
        <Course entries={incident.entries} />
        <Changes groups={incident.groups} />
        <Nodes incident={incident} />
      </div>
    </>
  );
}

type Step = Parameters<typeof handleIncident>[1];
const REVIEW_MIN = 20;

function Act({ incident: { id, state, owner } }: { incident: IncidentView }) {
  const me = useAccount();
  const queryClient = useQueryClient();
  const refused = useDisabledReason("incident:handle");
  const [text, setText] = useState("");
  const act = useMutation({
    mutationFn: (step: Step) => handleIncident(id, step),
    onSuccess: (_done, { act: what }) => what !== "owner" && setText(""),
    onSettled: () => queryClient.invalidateQueries({ queryKey: driftKeys.all }),
  });
  const said = text.trim();
  function note(event: FormEvent) {
    event.preventDefault();
    act.mutate({ act: "notes", body: { text: said } });
  }
  return (
    <form
      onSubmit={note}
      aria-label="Write down"
      className="flex flex-col gap-3 rounded-[6px] border border-line-strong p-3"
    >
      <Field
        id="incident-text"
        label="Note or review"
        hint={`To resolve it, say in at least ${REVIEW_MIN} characters what it was, what was done and what will keep it from happening again.`}
      >
        <Textarea
          id="incident-text"
          rows={3}
          maxLength={2_000}
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-describedby={fieldHintId("incident-text")}
        />
      </Field>
      {act.error && <FormProblem error={act.error} />}
      <div className="flex flex-wrap gap-2">
        <GuardedButton type="submit" reason={refused} disabled={said.length < 3} pending={act.isPending}>
          Add note
        </GuardedButton>
        {state === "open" && (
          <>
            <GuardedButton
              reason={refused}
              pending={act.isPending}
              onClick={() =>
                act.mutate({ act: "owner", body: { owner: owner?.id === me.id ? null : me.id } })
              }
            >
              {owner?.id === me.id ? "Give it up" : "Take it"}
            </GuardedButton>
            <GuardedButton
              variant="primary"
              reason={refused}
              disabled={said.length < REVIEW_MIN}
              pending={act.isPending}
              onClick={() => act.mutate({ act: "resolve", body: { review: said } })}
            >
              Resolve with this review
            </GuardedButton>
          </>
        )}
      </div>
    </form>
  );
}

function Course({ entries }: Pick<IncidentView, "entries">) {
  return (
    <Card title="Course" flush>
      <ol>
        {entries.map(({ id, at, by, kind, text }) => (
          <li key={id} className="border-b border-line px-3 py-2 text-data last:border-b-0">
            <p className="text-small text-muted">
              <Timestamp iso={at} absolute /> {kind}, {by ?? "found by correlation"}
            </p>
            <p className="break-words whitespace-pre-wrap">{displayText(text).text}</p>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Changes({ groups }: Pick<IncidentView, "groups">) {
  if (groups.length === 0) return null;
  return (
    <Card title={formatPlural(groups.length, "change")} flush>
      <ul>
        {groups.map(({ id, path, state, peakNodes }) => (
          <li
            key={id}
            className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2 last:border-b-0"
          >
            <code className="min-w-0 font-mono text-small break-all">{displayText(path).text}</code>
            <span className="text-small text-muted">
              {state}, {formatPlural(peakNodes, "node")} at most
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Nodes({ incident: { nodeList, nodes } }: { incident: IncidentView }) {
  return (
    <Card title={formatPlural(nodes, "node")} flush>
      <ul
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label="Nodes of the incident"
        className="max-h-[320px] overflow-y-auto"
      >
        {nodeList.map(({ id, name, status }) => (
          <li key={id} className="border-b border-line last:border-b-0">
            <TimeLink
              href={paths.node(id)}
              className="flex min-h-11 flex-wrap items-center justify-between gap-x-3 px-3 py-1 hover:bg-hover"
            >
              <HostileText text={name} max={64} className="font-mono text-small" />
              <StatusBadge status={status} size="sm" />
            </TimeLink>
          </li>
        ))}
      </ul>
      {nodes > nodeList.length && (
        <p className="px-3 py-2 text-small text-muted">
          The first {formatCount(nodeList.length)} of {formatCount(nodes)}.
        </p>
      )}
    </Card>
  );
}
