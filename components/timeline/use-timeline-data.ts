import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { nodeTimelineOptions } from "#lib/client/node";
import { fetchWindow, padRange, resolveInstant, resolveRange } from "#lib/client/timeline-range";
import { clampRange } from "#lib/client/timeline-scale";
import { isWhole } from "#lib/client/timeline-select";
import type { Timeline } from "#lib/contracts/node";

/** Before anything was recorded: reaches back to whatever there is. */
const BEGINNING_MS = 0;

/** Share of a range that ends now which is left empty, so that the line of the present stands inside. */
const ROOM_AFTER_NOW = 0.02;

/**
 * The history to draw and the range to draw it in.
 *
 * The whole life feeds the mini-map. While it is complete it feeds the chart too, so that moving about asks
 * the server nothing; a life with too many changes is asked for window by window.
 */
export function useTimelineData(
  nodeId: string,
  { from, to, knownAt: knownAtText }: { from: string; to: string; knownAt: string | null },
  nowMs: number,
) {
  const knownAt = knownAtText && resolveInstant(knownAtText, nowMs) !== null ? knownAtText : null;
  const life = useQuery({
    ...nodeTimelineOptions(nodeId, fetchWindow({ fromMs: BEGINNING_MS, toMs: nowMs }), knownAt),
    select: inOrder,
  });
  const lifeIsWhole = life.data !== undefined && isWhole(life.data) && !life.isPlaceholderData;
  const window = useQuery({
    ...nodeTimelineOptions(nodeId, fetchWindow(resolveRange(from, to, nowMs, BEGINNING_MS)), knownAt),
    select: inOrder,
    enabled: !lifeIsWhole,
  });

  const timeline = lifeIsWhole ? life.data : window.data;
  const earliestMs = Date.parse(life.data?.earliest ?? timeline?.earliest ?? "");
  const { bounds, range } = useMemo(() => {
    const within = padRange({ fromMs: Math.min(earliestMs || nowMs, nowMs - 60_000), toMs: nowMs });
    const wanted = resolveRange(from, to, nowMs, within.fromMs);
    const room = to === "now" ? Math.round((wanted.toMs - wanted.fromMs) * ROOM_AFTER_NOW) : 0;
    return { bounds: within, range: clampRange({ ...wanted, toMs: wanted.toMs + room }, within) };
  }, [earliestMs, from, to, nowMs]);

  const shown = lifeIsWhole ? life : window;
  return {
    timeline,
    life: life.data,
    range,
    bounds,
    knownAt,
    error: timeline ? null : shown.error,
    isStale: shown.isPlaceholderData,
    isFetching: life.isFetching || window.isFetching,
    retry: () => void shown.refetch(),
  };
}

/** The node's own line first, then its sources by name; what happens first stands first. */
function inOrder(timeline: Timeline): Timeline {
  const lanes = [...timeline.lanes].sort(
    (a, b) =>
      Number(b.kind === "trust") - Number(a.kind === "trust") ||
      a.label.localeCompare(b.label, "en", { numeric: true }) ||
      (a.key < b.key ? -1 : 1),
  );
  const byFrom = (a: { from: string }, b: { from: string }) => Date.parse(a.from) - Date.parse(b.from);
  return {
    ...timeline,
    lanes: lanes.map((lane) => ({ ...lane, intervals: [...lane.intervals].sort(byFrom) })),
    events: [...timeline.events].sort((a, b) => Date.parse(a.occurredAt) - Date.parse(b.occurredAt)),
  };
}
