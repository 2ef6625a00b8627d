/**
 * Who hears of what: a tree of routes.
 *
 * An event goes down the tree. The first child that wants it takes it, and with `continue` the ones after it are
 * asked as well; where no child wants it, the route itself takes it. The root wants everything, so that every event
 * is taken by at least one route: one without channels, where it shows that nobody hears of it.
 */
import { type Announcement, SEVERITIES, type Severity, topicOf } from "./event.ts";
import { type QuietHours, quietUntil } from "./quiet.ts";

/** All that is given must hold. */
export type Matcher = {
  /** Kinds, or all of a topic as `node.*`; absent or empty = every kind. */
  kinds?: readonly string[] | undefined;
  /** At least so bad. */
  severity?: Severity | undefined;
  /** Each label with this value; `*` = with any. */
  labels?: Readonly<Record<string, string>> | undefined;
  /** In this trust domain or below it. */
  trustDomainId?: string | undefined;
};

/** What makes events one notification: `matter` = the same node, incident, …; `label:NAME` = the value of a label. */
export type GroupBy = "matter" | "topic" | "severity" | "domain" | `label:${string}`;

export type EscalationStep = { afterMinutes: number; channelIds: readonly string[] };

export type Route = {
  /** Unique among its siblings. */
  name: string;
  match: Matcher;
  /** Ask the siblings after it, too. */
  continue: boolean;
  channelIds: readonly string[];
  /** Empty = by matter. */
  groupBy: readonly GroupBy[];
  /** What comes within so many minutes is told in one message; 0 = at once. */
  digestMinutes: number;
  /** `null` = none. What is critical is told anyway, unless `holdsCritical`. */
  quiet: (QuietHours & { holdsCritical: boolean }) | null;
  /** Tell others when nobody has acknowledged; by minutes, the shortest first. */
  escalation: readonly EscalationStep[];
  routes: readonly Route[];
};

/** @param domains the event's own trust domain and those above it */
export type RoutedEvent = Pick<Announcement, "kind" | "severity" | "labels" | "thread" | "trustDomainId"> & {
  domains: readonly string[];
};

/** A route that takes an event. `path` = the names from the root down; the root's is left out. */
export type Taker = { path: readonly string[]; route: Route };

const rank = (severity: Severity) => SEVERITIES.indexOf(severity);

export function matches(matcher: Matcher, event: Omit<RoutedEvent, "thread" | "trustDomainId">): boolean {
  const { kinds = [], severity, labels = {}, trustDomainId } = matcher;
  const isKind =
    kinds.length === 0 || kinds.includes(event.kind) || kinds.includes(`${topicOf(event.kind)}.*`);
  if (!isKind || (severity !== undefined && rank(event.severity) < rank(severity))) return false;
  if (trustDomainId !== undefined && !event.domains.includes(trustDomainId)) return false;
  return Object.entries(labels).every(
    ([name, value]) => Object.hasOwn(event.labels, name) && (value === "*" || event.labels[name] === value),
  );
}

/** The routes that take an event: one at least, in the order of the tree. */
export function takersOf(root: Route, event: RoutedEvent): readonly Taker[] {
  return taken({ path: [], route: root }, event);
}

function taken({ path, route }: Taker, event: RoutedEvent): Taker[] {
  const takers: Taker[] = [];
  for (const child of route.routes) {
    if (!matches(child.match, event)) continue;
    takers.push(...taken({ path: [...path, child.name], route: child }, event));
    if (!child.continue) break;
  }
  return takers.length > 0 ? takers : [{ path, route }];
}

/** Equal for events that one notification of the route tells of. */
export function groupKeyOf({ groupBy }: Pick<Route, "groupBy">, event: RoutedEvent): string {
  const by = groupBy.length === 0 ? (["matter"] as const) : groupBy;
  return JSON.stringify(by.map((part) => [part, groupValue(part, event)]));
}

function groupValue(by: GroupBy, event: RoutedEvent): string {
  switch (by) {
    case "matter":
      return event.thread;
    case "topic":
      return topicOf(event.kind);
    case "severity":
      return event.severity;
    case "domain":
      return event.trustDomainId;
    default:
      return event.labels[by.slice("label:".length)] ?? "";
  }
}

/** When a route tells of an event that came at an instant: never before it, and never not at all. */
export function tellAt(
  { digestMinutes, quiet }: Pick<Route, "digestMinutes" | "quiet">,
  severity: Severity,
  atMs: number,
): number {
  const collectedMs = atMs + digestMinutes * 60_000;
  if (!quiet || (severity === "critical" && !quiet.holdsCritical)) return collectedMs;
  return quietUntil(quiet, collectedMs);
}

/** The worse of the two. */
export const worse = (a: Severity, b: Severity): Severity => (rank(a) >= rank(b) ? a : b);

/** Every route of a tree with its path, from the root on. */
export function routesOf(root: Route, path: readonly string[] = []): Taker[] {
  return [{ path, route: root }, ...root.routes.flatMap((child) => routesOf(child, [...path, child.name]))];
}

/** Nobody hears of anything until somebody says who should. */
export const EMPTY_TREE: Route = {
  name: "everything",
  match: {},
  continue: false,
  channelIds: [],
  groupBy: [],
  digestMinutes: 0,
  quiet: null,
  escalation: [],
  routes: [],
};
