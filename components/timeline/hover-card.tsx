"use client";

import type { ReactNode } from "react";
import { StatusShape } from "#components/fleet/status-badge";
import { STATUS_LABELS } from "#components/fleet/status-words";
import { HostileText } from "#components/ui/hostile-text";
import { useTimeMode } from "#components/ui/preferences";
import { EVENT_OUTCOME_WORDS, eventWords } from "#lib/client/bootstrap-stages";
import { formatDuration, formatInstant, formatPlural } from "#lib/client/format";
import { LIFECYCLE_WORDS } from "#lib/client/lifecycle-words";
import type { Block } from "#lib/client/timeline-layout";
import { stayReason } from "#lib/client/timeline-stays";
import type { EventView, IntervalView, LifecycleStay } from "#lib/contracts/node";
import { EventGlyph } from "./event-glyph.tsx";

const CARD_WIDTH_PX = 288;

/** Room that the card is given before it changes to the other side of the pointer. */
const CARD_ROOM_PX = 190;
const OFFSET_PX = 14;

/**
 * A card that follows the pointer, within the window and not cut off by the chart's box. It repeats what
 * selecting shows, so it is hidden from screen readers.
 */
export function HoverCard({
  windowX,
  windowY,
  children,
}: {
  windowX: number;
  windowY: number;
  children: ReactNode;
}) {
  const left = Math.max(8, Math.min(windowX + OFFSET_PX, window.innerWidth - CARD_WIDTH_PX - 8));
  const above = windowY + CARD_ROOM_PX > window.innerHeight;
  const place = above ? { bottom: window.innerHeight - windowY + OFFSET_PX } : { top: windowY + OFFSET_PX };
  return (
    <div
      aria-hidden="true"
      style={{ left, width: CARD_WIDTH_PX, ...place }}
      className="pointer-events-none fixed z-30 max-w-[calc(100vw-16px)] rounded-[6px] border border-line-strong bg-bg p-2.5 text-small"
    >
      {children}
    </div>
  );
}

/** What a block stands for; for a merged one, how many and the worst. */
export function BlockFacts({
  block,
  interval,
  laneLabel,
  nowMs,
}: {
  block: Block;
  interval: IntervalView;
  laneLabel: string;
  nowMs: number;
}) {
  const mode = useTimeMode();
  const from = new Date(block.fromMs).toISOString();
  const open = block.count === 1 && interval.to === null;
  return (
    <div className="flex flex-col gap-1">
      <p className="flex items-center gap-1.5 text-data font-medium">
        <StatusShape status={block.state} />
        {STATUS_LABELS[block.state]}
        <span className="ml-auto min-w-0 truncate pl-3 text-small font-normal text-muted">
          <HostileText text={laneLabel} max={24} />
        </span>
      </p>
      <p className="font-mono text-muted">
        {formatInstant(from, { mode })}
        <br />
        {open ? "until now" : formatInstant(new Date(block.toMs).toISOString(), { mode })}
      </p>
      <p>
        {formatDuration((open ? nowMs : block.toMs) - block.fromMs)}
        {block.verdicts > 0 && ` · ${formatPlural(block.verdicts, "verdict")}`}
        {block.count > 1 && ` · worst of ${block.count} intervals; zoom in to tell them apart`}
        {block.count > 1 && block.hasGap && ", with silence between"}
      </p>
      {block.count === 1 && (
        <p className="line-clamp-3 text-muted">
          <HostileText text={interval.reason} max={160} className="whitespace-normal" />
        </p>
      )}
    </div>
  );
}

/** A stay in one state of the life cycle. */
export function StayFacts({ stay, nowMs }: { stay: LifecycleStay; nowMs: number }) {
  const mode = useTimeMode();
  const toMs = stay.to === null ? nowMs : Date.parse(stay.to);
  return (
    <div className="flex flex-col gap-1">
      <p className="flex items-center gap-1.5 text-data font-medium">
        {LIFECYCLE_WORDS[stay.state]}
        <span className="ml-auto pl-3 text-small font-normal text-muted">Life cycle</span>
      </p>
      <p className="font-mono text-muted">
        {formatInstant(stay.from, { mode })}
        <br />
        {stay.to === null ? "until now" : formatInstant(stay.to, { mode })}
      </p>
      <p>{formatDuration(toMs - Date.parse(stay.from))}</p>
      <p className="text-muted">{stayReason(stay)}</p>
    </div>
  );
}

/** What a marker stands for: one event, or the first few of several. */
export function MarkerFacts({ events }: { events: readonly EventView[] }) {
  const mode = useTimeMode();
  const shown = events.slice(0, 6);
  return (
    <ul className="flex flex-col gap-1">
      {shown.map((event) => (
        <li key={event.id} className="flex items-start gap-1.5">
          <span className="mt-0.5">
            <EventGlyph outcome={event.outcome} />
          </span>
          <span className="min-w-0">
            {eventWords(event.type)} · {EVENT_OUTCOME_WORDS[event.outcome]}
            <span className="block font-mono text-muted">{formatInstant(event.occurredAt, { mode })}</span>
          </span>
        </li>
      ))}
      {events.length > shown.length && (
        <li className="text-muted">and {events.length - shown.length} more</li>
      )}
    </ul>
  );
}
