"use client";

import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { displayText, formatPlural } from "#lib/client/format";
import { notificationEventsOptions } from "#lib/client/notifications";
import type { EventView } from "#lib/contracts/notification";
import { TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { SEVERITY_TONES } from "./notification-words.ts";

/** The last events that people may want to hear of, and whether anybody did. */
export function EventLedger({ list }: { list: "all" | "unheard" }) {
  const { data, error, refetch } = useQuery(notificationEventsOptions(list));
  if (!data && error)
    return <ErrorPanel title="The events could not be loaded" error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={4} label="Loading events" />;
  if (data.items.length === 0)
    return list === "unheard" ? (
      <EmptyState
        title="Somebody heard of everything"
        icon={<CircleCheck aria-hidden className="size-4 text-muted" />}
      >
        What no route wants stands here for a week.
      </EmptyState>
    ) : (
      <EmptyState title="Nothing has happened yet">
        What people may want to hear of stands here, whether a route wants it or not.
      </EmptyState>
    );
  return (
    <ul aria-label="Events" className="text-data">
      {data.items.map((event) => (
        <Event key={event.id} event={event} />
      ))}
    </ul>
  );
}

function Event({ event }: { event: EventView }) {
  return (
    <li className="flex min-w-0 flex-col gap-0.5 border-b border-line py-2">
      <span className="flex min-w-0 flex-wrap items-center gap-2">
        <Badge tone={SEVERITY_TONES[event.severity]}>{event.severity}</Badge>
        <TimeLink href={event.link} className="link touch inline-flex min-w-0 items-center">
          <HostileText text={event.title} max={120} />
        </TimeLink>
        <Heard notifications={event.notifications} />
      </span>
      {event.summary !== "" && (
        <p className="max-w-[90ch] text-small break-words">{displayText(event.summary).text}</p>
      )}
      <p className="text-small break-words text-muted">
        <code className="font-mono">{event.kind}</code> in {displayText(event.trustDomain).text},{" "}
        <Timestamp iso={event.at} />
      </p>
    </li>
  );
}

function Heard({ notifications }: { notifications: number | null }) {
  if (notifications === null) return <Badge>not looked at yet</Badge>;
  if (notifications === 0) return <Badge tone="warn">heard by nobody</Badge>;
  return <span className="text-small text-muted">in {formatPlural(notifications, "notification")}</span>;
}
