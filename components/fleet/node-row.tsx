"use client";

import type { Ref } from "react";
import { displayText } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { NodeRow as NodeRowData } from "#lib/contracts/node";
import { TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { cn } from "../ui/cn.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { TableCell } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { StatusBadge } from "./status-badge.tsx";

/** One node of the list. On a phone the reason stands under the name, and the rest is left to its page. */
export function NodeRow({
  row,
  index,
  ref,
  picked,
  onPick,
}: {
  row: NodeRowData;
  index: number;
  ref: Ref<HTMLTableRowElement>;
  /** `null` = rows cannot be picked. */
  picked: boolean | null;
  /** @param range everything from the last picked row to this one */
  onPick: (range: boolean) => void;
}) {
  const { id, displayName, status, since, reason, reduced, lastEvidenceAt, sources } = row;
  return (
    <tr
      ref={ref}
      data-index={index}
      aria-rowindex={index + 2}
      className={cn(
        "relative h-9 border-b border-line focus-within:bg-selected hover:bg-hover max-md:h-14",
        picked && "bg-selected",
      )}
    >
      {picked !== null && (
        <TableCell className="max-md:hidden">
          {/* Above the link that covers the row. */}
          <label className="relative z-[1] -mx-3 -my-1.5 flex h-9 items-center justify-center">
            <input
              type="checkbox"
              checked={picked}
              onChange={(event) => onPick((event.nativeEvent as MouseEvent).shiftKey === true)}
              aria-label={`Pick ${displayText(displayName).text}`}
              className="size-4"
            />
          </label>
        </TableCell>
      )}
      <TableCell className="py-1">
        <TimeLink
          href={paths.node(id)}
          data-row={index}
          prefetch={false}
          className="flex min-w-0 font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          <HostileText text={displayName} max={64} />
        </TimeLink>
        <span className="block truncate text-small text-muted md:hidden">
          <HostileText text={reason} />
        </span>
      </TableCell>
      <TableCell className="py-1">
        <StatusBadge status={status} since={since} />
      </TableCell>
      <TableCell className="truncate py-1 text-muted max-md:hidden" title={reason}>
        {reduced && (
          <Badge tone="warn" className="mr-1.5">
            Reduced
          </Badge>
        )}
        <HostileText text={reason} />
      </TableCell>
      <TableCell className="py-1 text-muted max-md:hidden">
        {lastEvidenceAt === null ? "never" : <Timestamp iso={lastEvidenceAt} className="relative z-[1]" />}
      </TableCell>
      <TableCell className="truncate py-1 text-muted max-xl:hidden">
        <HostileText text={sources.join(", ")} />
      </TableCell>
    </tr>
  );
}
