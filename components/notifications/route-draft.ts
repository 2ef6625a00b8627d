/** Changes to a tree of routes that is being edited. A route is named by its place: indexes from the root down. */
import { EVENT_KINDS } from "#lib/domain/notify/event";
import type { GroupBy, Matcher, Route } from "#lib/domain/notify/route";

export type Place = readonly number[];

export const routeAt = (root: Route, [first, ...rest]: Place): Route | undefined => {
  if (first === undefined) return root;
  const child = root.routes[first];
  return child && routeAt(child, rest);
};

/** The tree with another route in a place; `null` = without it. The root stays. */
export function replaced(root: Route, [first, ...rest]: Place, next: Route | null): Route {
  if (first === undefined) return next ?? root;
  const routes = root.routes.flatMap((child, at) => {
    if (at !== first) return [child];
    if (rest.length > 0) return [replaced(child, rest, next)];
    return next ? [next] : [];
  });
  return { ...root, routes };
}

/** One place up or down among its siblings; the same tree where there is none. */
export function moved(root: Route, place: Place, by: -1 | 1): Route {
  const parent = place.slice(0, -1);
  const at = place.at(-1);
  const above = routeAt(root, parent);
  if (at === undefined || !above) return root;
  const [one, other] = [above.routes[at], above.routes[at + by]];
  if (!one || !other) return root;
  const routes = above.routes.map((route, index) => (index === at ? other : index === at + by ? one : route));
  return replaced(root, parent, { ...above, routes });
}

/** What is typed about one route. */
export type RouteDraft = {
  name: string;
  kinds: readonly string[];
  /** `""` = any. */
  severity: string;
  /** A value of `*` = any. */
  labels: readonly { name: string; value: string }[];
  /** `""` = any. */
  trustDomainId: string;
  continue: boolean;
  channelIds: readonly string[];
  /** `matter`, `topic`, `severity`, `domain` or `label:NAME`, separated by commas. */
  groupBy: string;
  digestMinutes: string;
  /** `days` as numbers in texts, 0 = Sunday; none = each. */
  quiet: {
    on: boolean;
    from: string;
    to: string;
    zone: string;
    days: readonly string[];
    holdsCritical: boolean;
  };
  escalation: readonly { afterMinutes: string; channelIds: readonly string[] }[];
};

export function draftOfRoute(route: Route): RouteDraft {
  const { kinds = [], severity = "", labels = {}, trustDomainId = "" } = route.match;
  return {
    name: route.name,
    ...{ kinds, severity, trustDomainId },
    labels: Object.entries(labels).map(([name, value]) => ({ name, value })),
    continue: route.continue,
    channelIds: route.channelIds,
    groupBy: route.groupBy.join(", "),
    digestMinutes: String(route.digestMinutes),
    quiet: {
      on: route.quiet !== null,
      from: route.quiet?.from ?? "22:00",
      to: route.quiet?.to ?? "07:00",
      zone: route.quiet?.zone ?? "UTC",
      days: (route.quiet?.days ?? []).map(String),
      holdsCritical: route.quiet?.holdsCritical ?? false,
    },
    escalation: route.escalation.map(({ afterMinutes, channelIds }) => ({
      afterMinutes: String(afterMinutes),
      channelIds,
    })),
  };
}

/** The route as it is sent; what cannot be read is left to the server to refuse. `routes` below it stay. */
export function routeOfDraft(draft: RouteDraft, { routes }: Pick<Route, "routes">): Route {
  const { on, days, ...quiet } = draft.quiet;
  return {
    name: draft.name.trim(),
    match: matcherOf(draft),
    continue: draft.continue,
    channelIds: draft.channelIds,
    groupBy: draft.groupBy
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "") as GroupBy[],
    digestMinutes: Number(draft.digestMinutes),
    quiet: on ? { ...quiet, ...(days.length > 0 && { days: days.map(Number) }) } : null,
    escalation: draft.escalation.map(({ afterMinutes, channelIds }) => ({
      afterMinutes: Number(afterMinutes),
      channelIds,
    })),
    routes,
  };
}

function matcherOf({ kinds, severity, labels, trustDomainId }: RouteDraft): Matcher {
  return {
    ...(kinds.length > 0 && { kinds }),
    ...(severity !== "" && { severity: severity as NonNullable<Matcher["severity"]> }),
    ...(labels.length > 0 && {
      labels: Object.fromEntries(labels.map(({ name, value }) => [name, value])),
    }),
    ...(trustDomainId !== "" && { trustDomainId }),
  };
}

/** Events that a route takes, in words. `names` = trust domains by id. */
export function matchWords(match: Matcher, names: ReadonlyMap<string, string>): string {
  const { kinds = [], severity, labels = {}, trustDomainId } = match;
  const words = [
    kinds.length > 0 && kinds.join(" or "),
    severity && (severity === "critical" ? "critical" : `at least ${severity}`),
    ...Object.entries(labels).map(([name, value]) =>
      value === "*" ? `with a label ${name}` : `with ${name}=${value}`,
    ),
    trustDomainId && `in ${names.get(trustDomainId) ?? "another trust domain"}`,
  ].filter(Boolean);
  return words.length === 0 ? "Everything" : words.join(", ");
}

/** The days on which quiet hours begin, by their numbers. */
export const DAY_CHOICES = [
  { value: "1", words: "Monday" },
  { value: "2", words: "Tuesday" },
  { value: "3", words: "Wednesday" },
  { value: "4", words: "Thursday" },
  { value: "5", words: "Friday" },
  { value: "6", words: "Saturday" },
  { value: "0", words: "Sunday" },
] as const;

/** Whole topics first, then each kind with its words. */
export const KIND_CHOICES: readonly { value: string; words: string }[] = [
  ...[...new Set(Object.keys(EVENT_KINDS).map((kind) => kind.split(".")[0]))].map((topic) => ({
    value: `${topic}.*`,
    words: "all of these",
  })),
  ...Object.entries(EVENT_KINDS).map(([value, { words }]) => ({ value, words })),
].sort((a, b) => (a.value < b.value ? -1 : 1));
