import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SEVERITIES } from "./event.ts";
import { isQuiet, quietUntil } from "./quiet.ts";
import {
  EMPTY_TREE,
  type GroupBy,
  groupKeyOf,
  matches,
  type Route,
  type RoutedEvent,
  routesOf,
  takersOf,
  tellAt,
} from "./route.ts";
import { TRY_DELAYS_MS, waitAfter } from "./schedule.ts";

const kinds = ["node.failed", "node.recovered", "incident.opened", "source.silent"] as const;
const name = fc.constantFrom("a", "b", "c", "d", "e", "f");
const labels = fc.dictionary(fc.constantFrom("rack", "role", "__proto__"), fc.constantFrom("1", "2", "*"), {
  maxKeys: 2,
});
const domain = fc.constantFrom("root", "west", "west-lab");
const matcher = fc.record({
  kinds: fc.array(fc.constantFrom(...kinds, "node.*"), { maxLength: 2 }),
  severity: fc.option(fc.constantFrom(...SEVERITIES), { nil: undefined }),
  labels,
  trustDomainId: fc.option(domain, { nil: undefined }),
});
const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map(([h, m]) => `${String(h).padStart(2, "0")}:${String(m).padStart(2, "0")}`);
const quiet = fc
  .record({
    from: clock,
    to: clock,
    zone: fc.constantFrom("UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu"),
    days: fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { maxLength: 7 }), { nil: undefined }),
    holdsCritical: fc.boolean(),
  })
  .filter(({ from, to }) => from !== to);
const routeOver = (routes: fc.Arbitrary<Route[]>): fc.Arbitrary<Route> =>
  fc.record({
    name,
    match: matcher,
    continue: fc.boolean(),
    channelIds: fc.uniqueArray(fc.constantFrom("slack", "pager"), { maxLength: 2 }),
    groupBy: fc.uniqueArray(fc.constantFrom<GroupBy>("matter", "topic", "domain", "label:rack"), {
      maxLength: 2,
    }),
    digestMinutes: fc.integer({ min: 0, max: 90 }),
    quiet: fc.option(quiet),
    escalation: fc.constant([]),
    routes,
  });
const leaf = routeOver(fc.constant([]));
const branch = routeOver(fc.array(leaf, { maxLength: 3 }));
const route = routeOver(fc.array(fc.oneof(leaf, branch), { maxLength: 4 }));
const event: fc.Arbitrary<RoutedEvent> = fc.record({
  kind: fc.constantFrom(...kinds),
  severity: fc.constantFrom(...SEVERITIES),
  labels,
  thread: fc.constantFrom("node:1", "node:2", "incident:1"),
  trustDomainId: domain,
  domains: fc.constantFrom(["root"], ["west", "root"], ["west-lab", "west", "root"]),
});
const instant = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) });

/** Every way through the tree on which each route below the root wants the event. */
const allowedPaths = (root: Route, one: RoutedEvent): Set<Route> =>
  new Set([
    root,
    ...root.routes
      .filter((child) => matches(child.match, one))
      .flatMap((child) => [...allowedPaths(child, one)]),
  ]);

describe("the tree of routes", () => {
  it("gives every event to one route at least, the same each time", () => {
    fc.assert(
      fc.property(route, event, (root, one) => {
        const takers = takersOf(root, one);
        expect(takers.length).toBeGreaterThan(0);
        expect(takersOf(structuredClone(root), structuredClone(one))).toEqual(takers);
      }),
    );
  });

  it("gives no event to a route that does not want it, or that stands below one", () => {
    fc.assert(
      fc.property(route, event, (root, one) => {
        const allowed = allowedPaths(root, one);
        for (const taker of takersOf(root, one)) expect(allowed.has(taker.route)).toBe(true);
      }),
    );
  });

  it("stops at the first that wants an event, unless that one lets it go on", () => {
    fc.assert(
      fc.property(route, event, (root, one) => {
        const wanting = root.routes.filter((child) => matches(child.match, one));
        const until = wanting.findIndex((child) => !child.continue);
        const asked = until < 0 ? wanting : wanting.slice(0, until + 1);
        const expected = asked.flatMap((child) => takersOf(child, one).map((taker) => taker.route));
        expect(takersOf(root, one).map((taker) => taker.route)).toEqual(asked.length > 0 ? expected : [root]);
      }),
    );
  });

  it("names each taker by the way to it", () => {
    fc.assert(
      fc.property(route, event, (root, one) => {
        for (const { path, route: taker } of takersOf(root, one))
          expect(routesOf(root)).toContainEqual({ path, route: taker });
      }),
    );
  });

  it("wants a label that is there, and a domain from above", () => {
    const base = {
      kind: "node.failed",
      severity: "warning" as const,
      labels: { rack: "7" },
      domains: ["lab", "west"],
    };
    expect(matches({ labels: { rack: "*" } }, base)).toBe(true);
    expect(matches({ labels: { rack: "8" } }, base)).toBe(false);
    expect(matches({ labels: { toString: "*" } }, base)).toBe(false);
    expect(matches({ trustDomainId: "west" }, base)).toBe(true);
    expect(matches({ trustDomainId: "east" }, base)).toBe(false);
    expect(matches({ severity: "critical" }, base)).toBe(false);
    expect(matches({ kinds: ["node.*"] }, base)).toBe(true);
    expect(matches({ kinds: ["node"] }, base)).toBe(false);
  });

  it("takes events for the same notification exactly when they agree in all that it groups by", () => {
    fc.assert(
      fc.property(route, event, event, (one, a, b) => {
        const by = one.groupBy.length === 0 ? ["matter"] : one.groupBy;
        const value = (of: RoutedEvent, part: string) =>
          part === "matter"
            ? of.thread
            : part === "topic"
              ? of.kind.split(".")[0]
              : part === "domain"
                ? of.trustDomainId
                : (of.labels.rack ?? "");
        const agree = by.every((part) => value(a, part) === value(b, part));
        expect(groupKeyOf(one, a) === groupKeyOf(one, b)).toBe(agree);
      }),
    );
  });

  it("takes everything at its root, where nobody hears of it until somebody says so", () => {
    fc.assert(
      fc.property(event, (one) => {
        expect(takersOf(EMPTY_TREE, one)).toEqual([{ path: [], route: EMPTY_TREE }]);
      }),
    );
  });
});

describe("when it is told", () => {
  it("is never before it came, nor within quiet hours, nor later than a week and the digest", () => {
    fc.assert(
      fc.property(route, fc.constantFrom(...SEVERITIES), instant, (one, severity, atMs) => {
        const dueMs = tellAt(one, severity, atMs);
        const collectedMs = atMs + one.digestMinutes * 60_000;
        expect(dueMs).toBeGreaterThanOrEqual(collectedMs);
        expect(dueMs).toBeLessThan(collectedMs + 8 * 86_400_000);
        const holds = one.quiet && (severity !== "critical" || one.quiet.holdsCritical);
        if (one.quiet && holds) expect(isQuiet(one.quiet, dueMs)).toBe(false);
        else expect(dueMs).toBe(collectedMs);
      }),
      { numRuns: 60 },
    );
  });

  it("goes by the clock on the wall, over midnight, on chosen days and when the clock is changed", () => {
    const night = { from: "22:00", to: "07:00", zone: "Europe/Berlin" };
    const at = (text: string) => Date.parse(text);
    expect(isQuiet(night, at("2026-06-01T19:59:00Z"))).toBe(false);
    expect(isQuiet(night, at("2026-06-01T20:00:00Z"))).toBe(true);
    expect(quietUntil(night, at("2026-06-01T23:30:30Z"))).toBe(at("2026-06-02T05:00:00Z"));
    // The night in which the clock is set forward ends an hour earlier.
    expect(quietUntil(night, at("2026-03-28T22:00:00Z"))).toBe(at("2026-03-29T05:00:00Z"));
    const weekend = { from: "20:00", to: "08:00", zone: "UTC", days: [5] };
    expect(isQuiet(weekend, at("2026-11-28T07:59:00Z"))).toBe(true);
    expect(isQuiet(weekend, at("2026-11-28T21:00:00Z"))).toBe(false);
  });
});

describe("tries", () => {
  it("are ten, over three days, each wait within a tenth of the schedule", () => {
    const sum = TRY_DELAYS_MS.reduce((total, delay) => total + delay, 0);
    expect([TRY_DELAYS_MS.length, sum]).toEqual([10, (75 * 3_600 + 35 * 60 + 5) * 1_000]);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (tries, spread) => {
          const wait = waitAfter(tries, spread) ?? Number.NaN;
          expect(Math.abs(wait - (TRY_DELAYS_MS[tries] ?? 0))).toBeLessThanOrEqual(
            (TRY_DELAYS_MS[tries] ?? 0) / 10,
          );
        },
      ),
    );
    expect(waitAfter(10, 0.5)).toBeNull();
  });

  it("wait as long as the receiver asks, up to a day", () => {
    expect(waitAfter(1, 0.5, 60_000)).toBe(60_000);
    expect(waitAfter(1, 0.5, 1e12)).toBe(86_400_000);
  });
});
