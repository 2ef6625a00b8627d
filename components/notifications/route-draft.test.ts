import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMPTY_TREE, type Route } from "#lib/domain/notify/route";
import {
  draftOfRoute,
  matchWords,
  moved,
  type Place,
  replaced,
  routeAt,
  routeOfDraft,
} from "./route-draft.ts";

const route = (name: string, ...routes: Route[]): Route => ({ ...EMPTY_TREE, name, routes });
const tree = route("root", route("a", route("a1"), route("a2")), route("b"));
const names = ({ routes }: Route): unknown[] => routes.map((child) => [child.name, ...names(child)]);

const routes: fc.Arbitrary<Route> = fc.record({
  name: fc.stringMatching(/^[a-z]{1,8}$/),
  match: fc.record(
    {
      kinds: fc.uniqueArray(fc.constantFrom("node.failed", "drift.*"), { minLength: 1 }),
      severity: fc.constantFrom("info" as const, "critical" as const),
      labels: fc.dictionary(fc.string({ minLength: 1 }), fc.string(), {
        minKeys: 1,
        noNullPrototype: true,
      }),
      trustDomainId: fc.uuid(),
    },
    { requiredKeys: [] },
  ),
  continue: fc.boolean(),
  channelIds: fc.array(fc.uuid()),
  groupBy: fc.array(fc.constantFrom("matter" as const, "label:rack" as const)),
  digestMinutes: fc.nat(1_440),
  quiet: fc.option(
    fc.record(
      {
        from: fc.constant("22:00"),
        to: fc.constant("06:30"),
        zone: fc.constant("Europe/Berlin"),
        days: fc.array(fc.nat(6), { minLength: 1 }),
        holdsCritical: fc.boolean(),
      },
      { requiredKeys: ["from", "to", "zone", "holdsCritical"] },
    ),
  ),
  escalation: fc.array(fc.record({ afterMinutes: fc.nat(100), channelIds: fc.array(fc.uuid()) })),
  routes: fc.constant([]),
});

describe("the editor of routes", () => {
  it("says nothing else about a route that nobody changed", () => {
    fc.assert(
      fc.property(routes, (one) => {
        expect(routeOfDraft(draftOfRoute(one), one)).toEqual(one);
      }),
    );
  });

  it("replaces and removes a route in its place, with what is below it, and nothing else", () => {
    expect(names(replaced(tree, [0, 1], route("new")))).toEqual([["a", ["a1"], ["new"]], ["b"]]);
    expect(names(replaced(tree, [0], null))).toEqual([["b"]]);
    expect(replaced(tree, [], null)).toBe(tree);
    expect(names(replaced(tree, [7], null))).toEqual(names(tree));
  });

  it("moves a route among its siblings, and back", () => {
    expect(names(moved(tree, [0, 0], 1))).toEqual([["a", ["a2"], ["a1"]], ["b"]]);
    expect(names(moved(moved(tree, [0], 1), [1], -1))).toEqual(names(tree));
    const stuck: [Place, -1 | 1][] = [
      [[0], -1],
      [[1], 1],
      [[], 1],
    ];
    for (const [place, by] of stuck) expect(moved(tree, place, by)).toBe(tree);
    expect(routeAt(tree, [0, 1])?.name).toBe("a2");
    expect(routeAt(tree, [3, 1])).toBeUndefined();
  });

  it("says in words which events a route takes", () => {
    const domains = new Map([["d", "Berlin"]]);
    expect(matchWords({}, domains)).toBe("Everything");
    expect(
      matchWords(
        {
          kinds: ["node.failed", "drift.*"],
          severity: "warning",
          labels: { rack: "*", zone: "eu" },
          trustDomainId: "d",
        },
        domains,
      ),
    ).toBe("node.failed or drift.*, at least warning, with a label rack, with zone=eu, in Berlin");
  });
});
