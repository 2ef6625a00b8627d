"use client";

import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { type IncidentListName, incidentListOptions } from "#lib/client/drift";
import { displayText, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { IncidentRow } from "#lib/contracts/incident";
import { PresentOnlyNote, TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

/** What many nodes showed together, and who looks after it. */
export function IncidentListPage({ state }: { state: IncidentListName }) {
  const { data, error, refetch } = useQuery(incidentListOptions(state));
  return (
    <>
      <PageHeader title="Incidents" meta={data && `${formatPlural(data.counts.open, "incident")} open`} />
      <PresentOnlyNote>Incidents are shown as they are now.</PresentOnlyNote>
      <Tabs
        label="Incidents"
        tabs={(["open", "resolved"] as const).map((one) => ({
          href: paths.incidents({ state: one }),
          label: one === "open" ? "Open" : "Resolved",
          current: one === state,
        }))}
      />
      {!data && !error && <SkeletonRows rows={4} label="Loading the incidents" />}
      {!data && error && (
        <ErrorPanel title="The incidents could not be loaded" error={error} onRetry={() => void refetch()} />
      )}
      {data?.items.length === 0 && (
        <EmptyState
          title={state === "open" ? "All good: no incident is open" : "No incident was resolved yet"}
          icon={state === "open" ? <CircleCheck aria-hidden className="size-4 text-muted" /> : undefined}
        >
          An incident begins when many nodes change, fail or stand apart together.
        </EmptyState>
      )}
      <ul>
        {data?.items.map((item) => (
          <IncidentItem key={item.id} item={item} />
        ))}
      </ul>
      {data?.nextCursor && (
        <p className="py-3 text-small text-muted">
          Only the newest are shown. The HTTP API pages through all.
        </p>
      )}
    </>
  );
}

function IncidentItem({ item }: { item: IncidentRow }) {
  const { id, kind, title, cause, breaker, state, nodes, openedAt, owner } = item;
  return (
    <li className="border-b border-line">
      <TimeLink href={paths.incident(id)} className="flex min-h-11 flex-col gap-1 px-1 py-2.5 hover:bg-hover">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="min-w-0 font-medium break-words">{displayText(title).text}</span>
          {breaker && state === "open" && <Badge tone="danger">breaker on</Badge>}
          <Badge>{kind.replaceAll("_", " ")}</Badge>
        </span>
        <span className="max-w-[90ch] text-small break-words text-muted">{cause}</span>
      </TimeLink>
      <p className="px-1 pb-2 text-small text-muted">
        {formatPlural(nodes, "node")}, opened <Timestamp iso={openedAt} />,{" "}
        {owner ? `owned by ${owner.email}` : "nobody owns it"}
      </p>
    </li>
  );
}
