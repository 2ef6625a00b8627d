"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { paths } from "#lib/client/paths";
import { unattributedOptions } from "#lib/client/sources";
import type { EventView } from "#lib/contracts/node";
import { useTimeTravel } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { UnattributedGroups } from "./unattributed-groups.tsx";

/** Bootstrap events of no known node: machines that tried to join and are not in the fleet. */
export function UnattributedList() {
  const { time } = useTimeTravel();
  const list = useInfiniteQuery(unattributedOptions(time));
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader
        crumbs={[{ href: paths.sources(), label: "Sources" }]}
        title="Unattributed bootstrap events"
        meta="They name no node that is known here"
      />
      <UnattributedGroups />
      {list.isPending && <SkeletonRows rows={8} label="Loading events" />}
      {list.isError && items.length === 0 && (
        <ErrorPanel
          title="The events could not be loaded"
          error={list.error}
          onRetry={() => void list.refetch()}
        />
      )}
      {list.data && items.length === 0 && (
        <EmptyState title="None" icon={<CircleCheck aria-hidden className="size-4 text-muted" />}>
          Every bootstrap event so far could be matched to a node.
        </EmptyState>
      )}
      {items.length > 0 && <EventTable items={items} />}
      {list.hasNextPage && (
        <div className="py-3">
          <Button size="sm" onClick={() => void list.fetchNextPage()} pending={list.isFetchingNextPage}>
            Load more
          </Button>
        </div>
      )}
    </>
  );
}

function EventTable({ items }: { items: readonly EventView[] }) {
  return (
    <TableFrame>
      <Table aria-label="Unattributed bootstrap events" className="max-md:block">
        <TableHead className="max-md:hidden">
          <tr>
            <TableHeader className="w-[120px]">Time</TableHeader>
            <TableHeader>Event</TableHeader>
            <TableHeader>Outcome</TableHeader>
            <TableHeader>Reason</TableHeader>
            <TableHeader>From</TableHeader>
            <TableHeader>Claims to be</TableHeader>
            <TableHeader>Source</TableHeader>
          </tr>
        </TableHead>
        <TableBody className="max-md:block">
          {items.map((event) => (
            <EventRow key={event.id} event={event} />
          ))}
        </TableBody>
      </Table>
    </TableFrame>
  );
}

/** A row of the table; on a phone its cells flow as lines, so those that need it carry their own label. */
function EventRow({ event }: { event: EventView }) {
  const { type, outcome, reasonText, reasonCode, occurredAt, actorAddress, identities, sourceName, method } =
    event;
  const tone = outcome === "failure" ? "danger" : outcome === "denied" ? "warn" : "neutral";
  return (
    <TableRow className="hover:bg-hover max-md:flex max-md:h-auto max-md:flex-wrap max-md:items-center max-md:py-2 [&>td]:max-md:px-1 [&>td]:max-md:py-0">
      <TableCell>
        <Timestamp iso={occurredAt} />
      </TableCell>
      <TableCell className="max-md:font-medium">
        {type}
        {method !== null && (
          <span className="text-small font-normal text-muted">
            {" "}
            <HostileText text={method} max={24} />
          </span>
        )}
      </TableCell>
      <TableCell>
        <Badge tone={tone}>{outcome}</Badge>
      </TableCell>
      <TableCell className="max-w-[380px] truncate text-muted max-md:w-full max-md:max-w-full">
        <HostileText text={reasonText ?? reasonCode ?? "not stated"} />
      </TableCell>
      <TableCell className="font-mono text-small">
        <HostileText text={actorAddress ?? "–"} max={40} />
      </TableCell>
      <TableCell className="text-small">
        <span className="text-muted md:hidden">claims to be </span>
        {identities.length === 0
          ? "nothing"
          : identities.map(({ kind, value }) => (
              <span key={`${kind} ${value}`} className="block whitespace-nowrap">
                <span className="text-muted">{kind}</span>{" "}
                <HostileText text={value} max={32} className="font-mono" />
              </span>
            ))}
      </TableCell>
      <TableCell className="text-muted max-md:text-small">
        <span className="md:hidden">via </span>
        <HostileText text={sourceName} max={24} />
      </TableCell>
    </TableRow>
  );
}
