/** What is selected in the timeline, how the URL names it, and where the arrow keys lead. */
import type { EventView, IntervalView, Timeline, TimelineLane } from "#lib/contracts/node";

/** Key of the lane of bootstrap events; no lane of evidence can have it, theirs contain a slash. */
export const EVENTS_LANE = "event";

/** Name of an interval or event in the URL: `<lane>@<from>` or `event@<id>`. */
export function selectionKey(laneKey: string, fromOrId: string): string {
  return `${laneKey}@${fromOrId}`;
}

/** What a name in the URL stands for, if it is in this timeline. */
export type Selected =
  | { kind: "interval"; key: string; lane: TimelineLane; index: number; interval: IntervalView }
  | { kind: "event"; key: string; event: EventView };

export function findSelected({ lanes, events }: Timeline, key: string | null): Selected | null {
  if (!key) return null;
  const at = key.lastIndexOf("@");
  if (at < 0) return null;
  const laneKey = key.slice(0, at);
  const name = key.slice(at + 1);
  if (laneKey === EVENTS_LANE) {
    const event = events.find(({ id }) => id === name);
    return event ? { kind: "event", key, event } : null;
  }
  const lane = lanes.find((candidate) => candidate.key === laneKey);
  const index = lane?.intervals.findIndex(({ from }) => from === name) ?? -1;
  const interval = lane?.intervals[index];
  return lane && interval ? { kind: "interval", key, lane, index, interval } : null;
}

/** Whether the answer holds everything of the range that was asked for. */
export function isWhole({ from, completeFrom }: Pick<Timeline, "from" | "completeFrom">): boolean {
  return Date.parse(completeFrom) <= Date.parse(from);
}

/**
 * Instant before which an answer leaves things out; `null` when it is whole.
 *
 * Before it an empty stretch means "not loaded" and must not look like "nothing known".
 */
export function loadedFrom(timeline: Pick<Timeline, "from" | "completeFrom">): number | null {
  return isWhole(timeline) ? null : Date.parse(timeline.completeFrom);
}

/** One stop of the arrow keys. */
export type Stop = { key: string; state: string };

/** Stops of one lane in time order. */
export function stopsOf(timeline: Timeline, laneKey: string): Stop[] {
  if (laneKey === EVENTS_LANE) {
    return timeline.events.map(({ id, outcome, type }) => ({
      key: selectionKey(EVENTS_LANE, id),
      state: `${type} ${outcome}`,
    }));
  }
  const lane = timeline.lanes.find(({ key }) => key === laneKey);
  return (lane?.intervals ?? []).map(({ from, state }) => ({ key: selectionKey(laneKey, from), state }));
}

/**
 * The next stop in a direction; the nearest end when nothing is selected; `null` at the end.
 *
 * @param changesOnly pass over stops whose state equals that of the stop before them
 */
export function neighbour(
  stops: readonly Stop[],
  currentKey: string | null,
  direction: 1 | -1,
  changesOnly = false,
): string | null {
  const current = stops.findIndex(({ key }) => key === currentKey);
  if (current < 0) return (direction === 1 ? stops[0] : stops.at(-1))?.key ?? null;
  for (let i = current + direction; i >= 0 && i < stops.length; i += direction) {
    const stop = stops[i];
    if (!stop) return null;
    if (!changesOnly || i === 0 || stops[i - 1]?.state !== stop.state) return stop.key;
  }
  return null;
}

/** Keys of the lanes from top to bottom. */
export function laneKeys({ lanes, events }: Timeline): string[] {
  return [...lanes.map(({ key }) => key), ...(events.length > 0 ? [EVENTS_LANE] : [])];
}

/** Lane that a selection lies in; the node's own line when nothing is selected. */
export function laneOfKey(key: string | null): string {
  const at = key?.lastIndexOf("@") ?? -1;
  return key && at > 0 ? key.slice(0, at) : "trust";
}

/**
 * The stop of another lane that is in force at an instant, else the nearest before, else its first.
 */
export function stopAt(timeline: Timeline, laneKey: string, atMs: number): string | null {
  if (laneKey === EVENTS_LANE) {
    const before = timeline.events.filter(({ occurredAt }) => Date.parse(occurredAt) <= atMs).at(-1);
    const event = before ?? timeline.events[0];
    return event ? selectionKey(EVENTS_LANE, event.id) : null;
  }
  const intervals = timeline.lanes.find(({ key }) => key === laneKey)?.intervals ?? [];
  const interval = intervals.filter(({ from }) => Date.parse(from) <= atMs).at(-1) ?? intervals[0];
  return interval ? selectionKey(laneKey, interval.from) : null;
}
