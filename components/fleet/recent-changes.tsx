"use client";

import { ArrowRight } from "lucide-react";
import { paths } from "#lib/client/paths";
import type { RecentChange } from "#lib/contracts/fleet";
import { TimeLink } from "../shell/time-travel.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { StatusBadge } from "./status-badge.tsx";

/** The newest changes of status: when, which node, from what to what, and why. */
export function RecentChangesList({ items }: { items: readonly RecentChange[] }) {
  if (items.length === 0) {
    return <EmptyState title="No changes yet">A change of any node's status will be listed here.</EmptyState>;
  }
  return (
    <ul>
      {items.map((change) => (
        <li
          key={`${change.nodeId} ${change.at} ${change.to}`}
          className="grid min-h-9 grid-cols-[1fr_auto] items-center gap-x-3 border-b border-line px-3 py-1.5 last:border-b-0 lg:grid-cols-[minmax(120px,200px)_230px_1fr_auto]"
        >
          <TimeLink
            href={paths.node(change.nodeId)}
            className="touch flex min-w-0 items-center font-medium hover:underline"
          >
            <HostileText text={change.displayName} max={40} />
          </TimeLink>
          <span className="col-span-2 row-start-2 flex items-center gap-1.5 lg:col-span-1 lg:row-start-auto">
            {change.from === null ? (
              <span className="text-muted">New</span>
            ) : (
              <StatusBadge status={change.from} size="sm" />
            )}
            <ArrowRight aria-label="to" className="size-3.5 shrink-0 text-faint" />
            <StatusBadge status={change.to} size="sm" />
          </span>
          <span className="col-span-2 row-start-3 min-w-0 truncate text-small text-muted lg:col-span-1 lg:row-start-auto">
            <HostileText text={change.reason} />
          </span>
          <Timestamp
            iso={change.at}
            className="col-start-2 row-start-1 text-small text-muted lg:col-start-auto lg:row-start-auto"
          />
        </li>
      ))}
    </ul>
  );
}
