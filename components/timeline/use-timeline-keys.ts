import type { KeyboardEvent } from "react";
import { panRange, type Range, spanOf, zoomRange } from "#lib/client/timeline-scale";
import { laneKeys, laneOfKey, neighbour, type Selected, stopAt, stopsOf } from "#lib/client/timeline-select";
import type { Timeline } from "#lib/contracts/node";
import type { RangeChange } from "./use-plot-pointer.ts";

const ZOOM_STEP = 0.5;

/** Instant at which a selection begins. */
export function instantOf(selected: Selected): number {
  switch (selected.kind) {
    case "interval":
      return Date.parse(selected.interval.from);
    case "stay":
      return Date.parse(selected.stay.from);
    case "event":
      return Date.parse(selected.event.occurredAt);
  }
}

/** What the keys do in the timeline; the handler says whether a key meant something. */
export function timelineKeys({
  timeline,
  selected,
  range,
  bounds,
  onRange,
  onSelect,
  onReset,
}: {
  timeline: Timeline;
  selected: Selected | null;
  range: Range;
  bounds: Range;
  onRange: RangeChange;
  onSelect: (key: string | null) => void;
  onReset: () => void;
}): (event: KeyboardEvent<HTMLElement>) => boolean {
  const lane = laneOfKey(selected?.key ?? null);
  const middleMs = range.fromMs + spanOf(range) / 2;

  function go(key: string | null): boolean {
    if (!key) return true;
    onSelect(key);
    return true;
  }

  function otherLane(step: 1 | -1): boolean {
    const lanes = laneKeys(timeline);
    const next = lanes[lanes.indexOf(lane) + (selected ? step : 0)];
    const atMs = selected ? Math.max(instantOf(selected), range.fromMs) : range.toMs;
    return go(next === undefined ? null : stopAt(timeline, next, atMs));
  }

  /** With nothing selected, walking begins at the end that is in view. */
  function walk(direction: 1 | -1, changesOnly: boolean): boolean {
    if (!selected) return go(stopAt(timeline, lane, direction === 1 ? range.fromMs : range.toMs));
    return go(neighbour(stopsOf(timeline, lane), selected.key, direction, changesOnly));
  }

  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const stops = () => stopsOf(timeline, lane);
    switch (event.key) {
      case "ArrowRight":
        return walk(1, event.shiftKey);
      case "ArrowLeft":
        return walk(-1, event.shiftKey);
      case "ArrowDown":
        return otherLane(1);
      case "ArrowUp":
        return otherLane(-1);
      case "Home":
        return go(stops()[0]?.key ?? null);
      case "End":
        return go(stops().at(-1)?.key ?? null);
      case "+":
      case "=":
        onRange(
          zoomRange(range, ZOOM_STEP, selected ? clampInto(instantOf(selected), range) : middleMs, bounds),
          "replace",
        );
        return true;
      case "-":
        onRange(zoomRange(range, 1 / ZOOM_STEP, middleMs, bounds), "replace");
        return true;
      case "0":
        onReset();
        return true;
      case "Escape":
        if (!selected) return false;
        onSelect(null);
        return true;
      default:
        return false;
    }
  };
}

function clampInto(atMs: number, { fromMs, toMs }: Range): number {
  return Math.max(fromMs, Math.min(atMs, toMs));
}

/** The range moved so that an instant is in view; the same range when it already is. */
export function rangeShowing(atMs: number, endMs: number, range: Range, bounds: Range): Range {
  if (atMs < range.toMs && endMs > range.fromMs) return range;
  return panRange(range, atMs - (range.fromMs + spanOf(range) / 2), bounds);
}
