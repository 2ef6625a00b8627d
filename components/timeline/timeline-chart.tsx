"use client";

import { type KeyboardEvent, useId, useMemo, useState } from "react";
import { blockAt, clusterEvents, layoutLanes, type Marker } from "#lib/client/timeline-layout";
import { panRange, type Range, spanOf, type Zone } from "#lib/client/timeline-scale";
import {
  eventKey,
  eventLanes,
  laneOfKey,
  loadedFrom,
  type Selected,
  selectionKey,
} from "#lib/client/timeline-select";
import { layoutStays, stayAt } from "#lib/client/timeline-stays";
import type { Timeline } from "#lib/contracts/node";
import type { TrustStatus } from "#lib/domain/trust-status";
import { BlockPatterns } from "./block-shape.tsx";
import { BlockFacts, HoverCard, MarkerFacts, StayFacts } from "./hover-card.tsx";
import { LaneLabels } from "./lane-labels.tsx";
import { heightOf, rowAt, rowsOf } from "./rows.ts";
import { SelectionMark } from "./selection-mark.tsx";
import { EventStrip, LaneStrip, StayStrip } from "./strips.tsx";
import { GridLines, InstantLine, NotLoaded, TimeAxis } from "./time-axis.tsx";
import { type Point, type RangeChange, usePlotPointer } from "./use-plot-pointer.ts";
import { useWidth } from "./use-width.ts";

const LABELS_BESIDE_FROM_PX = 640;
const LABELS_WIDTH_PX = 176;
const MARKER_SLACK_PX = 9;

/** Named instants drawn across all lanes. */
export type Landmark = { atMs: number; label: string; tone: "accent" | "ink" };

/** The lanes of a node as a picture that is moved, zoomed and walked with pointer and keyboard. */
export function TimelineChart({
  timeline,
  range,
  bounds,
  nowMs,
  zone,
  selected,
  landmarks,
  onRange,
  onSelect,
  onKey,
}: {
  timeline: Timeline;
  range: Range;
  bounds: Range;
  nowMs: number;
  zone: Zone;
  selected: Selected | null;
  landmarks: readonly Landmark[];
  onRange: RangeChange;
  onSelect: (key: string | null) => void;
  /** Handles a key; true when it meant something. */
  onKey: (event: KeyboardEvent<HTMLElement>) => boolean;
}) {
  const prefix = useId();
  const [boxRef, boxWidth] = useWidth();
  const above = boxWidth > 0 && boxWidth < LABELS_BESIDE_FROM_PX;
  const widthPx = Math.max(0, boxWidth - (above ? 0 : LABELS_WIDTH_PX));
  const [focused, setFocused] = useState(false);

  const rows = useMemo(() => rowsOf(timeline, above), [timeline, above]);
  const heightPx = heightOf(rows);
  const blocks = useMemo(
    () =>
      layoutLanes(
        timeline.lanes.map(({ intervals }) => intervals),
        range,
        widthPx,
        nowMs,
      ),
    [timeline, range, widthPx, nowMs],
  );
  const markers = useMemo(
    () =>
      new Map<string, Marker[]>(
        eventLanes(timeline.events).map(({ key, events }) => [key, clusterEvents(events, range, widthPx)]),
      ),
    [timeline, range, widthPx],
  );
  const stays = useMemo(
    () => layoutStays(timeline.lifecycle, range, widthPx, nowMs),
    [timeline, range, widthPx, nowMs],
  );
  const byLane = useMemo(
    () => new Map(timeline.lanes.map(({ key }, index) => [key, blocks[index] ?? []])),
    [timeline, blocks],
  );
  const states = useMemo(
    () =>
      new Map<string, TrustStatus | null>(
        timeline.lanes.map(({ key, intervals }) => [key, intervals.at(-1)?.state ?? null]),
      ),
    [timeline],
  );

  /** What lies under a point: a block of a lane, a marker of events, or nothing. */
  function hitAt({ xPx, yPx }: Point) {
    const row = rowAt(rows, yPx);
    if (!row) return null;
    if (row.kind === "lifecycle") {
      const box = stayAt(stays, xPx);
      return box && { kind: "stay" as const, row, box, key: selectionKey(row.key, box.stay.from) };
    }
    if (row.kind === "events") {
      const marker = markers
        .get(row.key)
        ?.find((candidate) => Math.abs(candidate.xPx - xPx) <= MARKER_SLACK_PX);
      const events = marker ? timeline.events.filter(({ id }) => marker.ids.includes(id)) : [];
      const [first] = events;
      return first && marker ? { kind: "events" as const, row, marker, events, key: eventKey(first) } : null;
    }
    const lane = timeline.lanes.find(({ key }) => key === row.key);
    const block = blockAt(byLane.get(row.key) ?? [], xPx);
    if (!lane || !block) return null;
    const merged = lane.intervals.slice(block.first, block.last + 1);
    const interval = merged.find(({ state }) => state === block.state) ?? merged[0];
    return interval
      ? { kind: "block" as const, row, lane, block, interval, key: selectionKey(lane.key, interval.from) }
      : null;
  }

  const { element, handlers, marked, pointer, clear } = usePlotPointer({
    range,
    bounds,
    widthPx,
    onRange,
    onClick: (point) => onSelect(hitAt(point)?.key ?? null),
  });
  const hit = pointer ? hitAt(pointer) : null;

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    if (event.key === "Escape") clear();
    if (event.altKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      event.preventDefault();
      onRange(panRange(range, (event.key === "ArrowLeft" ? -0.25 : 0.25) * spanOf(range), bounds), "replace");
      return;
    }
    if (onKey(event)) event.preventDefault();
  }

  const activeKey = focused || selected ? laneOfKey(selected?.key ?? null) : null;
  return (
    <div ref={boxRef} className="relative max-h-[560px] min-w-0 overflow-y-auto">
      <div className="sticky top-0 z-10 flex bg-bg">
        {!above && <div aria-hidden="true" className="w-[176px] shrink-0 border-r border-line" />}
        <TimeAxis range={range} widthPx={widthPx} zone={zone} />
      </div>
      <div className="relative flex" style={{ height: heightPx }}>
        {!above && <LaneLabels rows={rows} states={states} above={false} activeKey={activeKey} />}
        <div
          ref={element}
          role="application"
          aria-label="Timeline of the node"
          aria-roledescription="timeline"
          aria-describedby={`${prefix}-keys`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the timeline is walked with the arrow keys
          tabIndex={0}
          onKeyDown={onKeyDown}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
          {...handlers}
          className="relative min-w-0 flex-1 touch-pan-y select-none focus-visible:outline-offset-[-2px]"
        >
          <svg
            role="img"
            aria-label={summaryOf(timeline)}
            width={widthPx}
            height={heightPx}
            className="block overflow-hidden"
          >
            <BlockPatterns prefix={prefix} />
            <GridLines range={range} widthPx={widthPx} heightPx={heightPx} zone={zone} />
            {rows.map((row) => {
              switch (row.kind) {
                case "events":
                  return (
                    <EventStrip
                      key={row.key}
                      row={row}
                      markers={markers.get(row.key) ?? []}
                      widthPx={widthPx}
                    />
                  );
                case "lifecycle":
                  return <StayStrip key={row.key} row={row} boxes={stays} widthPx={widthPx} />;
                default:
                  return (
                    <LaneStrip
                      key={row.key}
                      row={row}
                      blocks={byLane.get(row.key) ?? []}
                      prefix={prefix}
                      widthPx={widthPx}
                    />
                  );
              }
            })}
            <NotLoaded range={range} widthPx={widthPx} heightPx={heightPx} untilMs={loadedFrom(timeline)} />
            {landmarks.map((landmark) => (
              <InstantLine
                key={landmark.label}
                {...landmark}
                range={range}
                widthPx={widthPx}
                heightPx={heightPx}
              />
            ))}
            <SelectionMark
              rows={rows}
              blocks={byLane}
              markers={markers}
              stays={stays}
              selected={selected}
              hovered={hit}
            />
            {marked && (
              <rect
                x={marked.fromPx}
                y={0}
                width={marked.toPx - marked.fromPx}
                height={heightPx}
                fill="var(--accent)"
                fillOpacity="0.15"
                stroke="var(--accent)"
              />
            )}
          </svg>
          {above && <LaneLabels rows={rows} states={states} above activeKey={activeKey} />}
          {pointer && hit && (
            <HoverCard windowX={pointer.windowX} windowY={pointer.windowY}>
              {hit.kind === "stay" ? (
                <StayFacts stay={hit.box.stay} nowMs={nowMs} />
              ) : hit.kind === "block" ? (
                <BlockFacts
                  block={hit.block}
                  interval={hit.interval}
                  laneLabel={hit.lane.label}
                  nowMs={nowMs}
                />
              ) : (
                <MarkerFacts events={hit.events} />
              )}
            </HoverCard>
          )}
        </div>
      </div>
      <p id={`${prefix}-keys`} className="sr-only">
        Left and right arrow: interval before and after; with shift only changes of state. Up and down arrow:
        other lanes. Plus and minus zoom, zero shows the last 7 days, alt with left or right moves the range.
        The table below holds the same rows.
      </p>
    </div>
  );
}

/** What the picture shows, in one sentence. */
function summaryOf({ lanes, events, lifecycle }: Timeline): string {
  const trust = lanes.find(({ kind }) => kind === "trust");
  const changes = trust ? trust.intervals.length - 1 : 0;
  const now = trust?.intervals.at(-1)?.state ?? "unknown";
  return `${lanes.length} lanes; the node is ${now} at the end, after ${Math.max(0, changes)} changes, and ${lifecycle.at(-1)?.state ?? "unknown"} in its life cycle; ${events.length} bootstrap events.`;
}
