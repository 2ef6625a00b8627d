/** What is selected in the timeline, how the URL names it, and where the arrow keys lead. */
import type { EventView, IntervalView, LifecycleStay, Timeline, TimelineLane } from "#lib/contracts/node";

/** Key of the lane of stays in states of the life cycle. Keys of lanes of evidence contain a slash. */
export const LIFECYCLE_LANE = "lifecycle";

/** Lanes of events from top to bottom; each event lies in one of them. */
const EVENT_LANES = [
  { key: "credentials", label: "Credentials" },
  { key: "boots", label: "Boots" },
  { key: "event", label: "Bootstrap events" },
] as const;
type EventLaneKey = (typeof EVENT_LANES)[number]["key"];

export type EventLane = { key: EventLaneKey; label: string; events: EventView[] };

/** The lane of an event: boots and what became of credentials have their own. */
export function eventLaneOf(type: string): EventLaneKey {
  if (type === "node.rebooted") return "boots";
  return type.startsWith("enrollment.credential_") ? "credentials" : "event";
}

/** The lanes of events that hold any. */
export function eventLanes(events: readonly EventView[]): EventLane[] {
  return EVENT_LANES.map(({ key, label }) => ({
    key,
    label,
    events: events.filter(({ type }) => eventLaneOf(type) === key),
  })).filter((lane) => lane.events.length > 0);
}

const isEventLane = (key: string): key is EventLaneKey => EVENT_LANES.some((lane) => lane.key === key);

/** Name of an event in the URL. */
export const eventKey = ({ id, type }: Pick<EventView, "id" | "type">) => selectionKey(eventLaneOf(type), id);

/** Name of an interval, stay or event in the URL: `<lane>@<from>` or `<lane>@<id>`. */
export function selectionKey(laneKey: string, fromOrId: string): string {
  return `${laneKey}@${fromOrId}`;
}

/** What a name in the URL stands for, if it is in this timeline. */
export type Selected =
  | { kind: "interval"; key: string; lane: TimelineLane; index: number; interval: IntervalView }
  | { kind: "stay"; key: string; stay: LifecycleStay }
  | { kind: "event"; key: string; event: EventView };

export function findSelected({ lanes, events, lifecycle }: Timeline, key: string | null): Selected | null {
  if (!key) return null;
  const at = key.lastIndexOf("@");
  if (at < 0) return null;
  const laneKey = key.slice(0, at);
  const name = key.slice(at + 1);
  if (laneKey === LIFECYCLE_LANE) {
    const stay = lifecycle.find(({ from }) => from === name);
    return stay ? { kind: "stay", key, stay } : null;
  }
  if (isEventLane(laneKey)) {
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
  if (laneKey === LIFECYCLE_LANE) {
    return timeline.lifecycle.map(({ from, state }) => ({ key: selectionKey(LIFECYCLE_LANE, from), state }));
  }
  if (isEventLane(laneKey)) {
    return eventsOf(timeline, laneKey).map((event) => ({
      key: eventKey(event),
      state: `${event.type} ${event.outcome}`,
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

const eventsOf = ({ events }: Timeline, laneKey: string) =>
  events.filter(({ type }) => eventLaneOf(type) === laneKey);

/** Keys of the lanes from top to bottom: the node's own line, its life cycle, its sources, its events. */
export function laneKeys({ lanes, events }: Pick<Timeline, "lanes" | "events">): string[] {
  const keys = (kind: "trust" | "source") => lanes.filter((lane) => lane.kind === kind).map(({ key }) => key);
  return [...keys("trust"), LIFECYCLE_LANE, ...keys("source"), ...eventLanes(events).map(({ key }) => key)];
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
  if (isEventLane(laneKey)) {
    const own = eventsOf(timeline, laneKey);
    const before = own.filter(({ occurredAt }) => Date.parse(occurredAt) <= atMs).at(-1);
    const event = before ?? own[0];
    return event ? eventKey(event) : null;
  }
  const intervals: readonly { from: string }[] =
    laneKey === LIFECYCLE_LANE
      ? timeline.lifecycle
      : (timeline.lanes.find(({ key }) => key === laneKey)?.intervals ?? []);
  const interval = intervals.filter(({ from }) => Date.parse(from) <= atMs).at(-1) ?? intervals[0];
  return interval ? selectionKey(laneKey, interval.from) : null;
}
