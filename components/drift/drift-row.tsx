"use client";

import { displayText, formatCount, formatPlural } from "#lib/client/format";
import type { DriftGroupRow } from "#lib/contracts/drift-group";
import { Badge } from "../ui/badge.tsx";
import { cn } from "../ui/cn.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { CLASS_LABEL, LINK_LABEL, URGENCY_TONE } from "./drift-words.ts";

/** One change: what, on how many nodes, since when; the line opens and closes its details. */
export function DriftRow({
  group,
  current,
  checked,
  open,
  onCheck,
  onToggle,
}: {
  group: DriftGroupRow;
  /** The keys act on it. */
  current: boolean;
  checked: boolean;
  open: boolean;
  onCheck: (checked: boolean) => void;
  onToggle: () => void;
}) {
  const { path, layer, worst, urgency, nodes, peakNodes, firstSeenAt, assignee, link, decided } = group;
  return (
    <div
      className={cn(
        "flex items-start gap-2.5 px-3 py-2",
        current && "shadow-[inset_2px_0_0_var(--color-accent)]",
      )}
    >
      <input
        type="checkbox"
        aria-label={`Select ${displayText(path).text}`}
        checked={checked}
        onChange={(event) => onCheck(event.target.checked)}
        className="touch mt-1 size-4 shrink-0"
      />
      <div className="min-w-0 flex-1">
        <button
          type="button"
          aria-expanded={open}
          onClick={onToggle}
          className="touch flex w-full flex-wrap items-center gap-x-2 gap-y-1 text-left"
        >
          <span className="min-w-0 font-mono text-data font-medium break-all">{displayText(path).text}</span>
          <Badge tone={URGENCY_TONE[urgency]}>{urgency}</Badge>
          <Badge tone={worst === "malicious_like" ? "danger" : "neutral"}>{CLASS_LABEL[worst]}</Badge>
        </button>
        <p className="text-small text-muted">
          {nodes > 0
            ? formatPlural(nodes, "node")
            : `${formatCount(peakNodes)} at most, none without leave now`}
          , {layer.replaceAll("_", " ")}, {group.kind}, first <Timestamp iso={firstSeenAt} />
          {link !== null && `, ${LINK_LABEL[link]}`}
          {assignee && `, ${assignee.email}`}
          {decided?.by && `, decided by ${decided.by}`}
        </p>
      </div>
    </div>
  );
}
