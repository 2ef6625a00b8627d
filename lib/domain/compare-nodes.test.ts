import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changesOfLane, compareNodes, type LaneFacts, type NodeFacts } from "./compare-nodes.ts";
import { invertChanges } from "./diff-measurements.ts";

const word = fc.constantFrom("trusted", "failed", "stale", "x");
const names = fc.option(fc.uniqueArray(fc.constantFrom("measured_boot", "secure_boot", "tcb_level")));
const lane = (key: string): fc.Arbitrary<LaneFacts> =>
  fc.record({
    key: fc.constant(key),
    label: fc.constant(`label of ${key}`),
    state: word,
    reason: word,
    outcome: word,
    tier: word,
    vector: fc.array(fc.constantFrom(0, 2, 33), { minLength: 8, maxLength: 8 }),
    coverage: names,
    policyIds: names,
    verifier: fc.option(fc.record({ id: fc.option(word), build: fc.option(word) })),
    measurements: fc.option(fc.dictionary(fc.constantFrom("pcr/sha256/0", "kernel/release", "role"), word)),
  });
const facts: fc.Arbitrary<NodeFacts> = fc.record({
  status: word,
  reason: word,
  identities: fc.uniqueArray(
    fc.record({ kind: fc.constantFrom("serial", "ip"), value: word, strong: fc.boolean() }),
    { selector: ({ kind, value }) => `${kind}/${value}` },
  ),
  lanes: fc
    .tuple(fc.option(lane("a")), fc.option(lane("b")))
    .map((lanes) => lanes.flatMap((one) => one ?? [])),
});

describe("a comparison", () => {
  it("of a state with itself finds nothing", () => {
    fc.assert(
      fc.property(facts, (state) => {
        expect(compareNodes(state, state).counts.total).toBe(0);
      }),
    );
  });

  it("finds the same from the other side, inverted", () => {
    fc.assert(
      fc.property(facts, facts, (a, b) => {
        const [there, back] = [compareNodes(a, b), compareNodes(b, a)];
        expect(back.standing).toEqual(invertChanges(there.standing));
        expect(back.identities).toEqual(invertChanges(there.identities));
        expect(back.lanes.map((one) => invertChanges(changesOfLane(one)))).toEqual(
          there.lanes.map((one) =>
            changesOfLane(one).map(({ path, kind, a: x, b: y }) => ({ path, kind, a: x, b: y })),
          ),
        );
        expect(back.counts).toEqual({
          ...there.counts,
          added: there.counts.removed,
          removed: there.counts.added,
        });
        expect(back.byLayer).toEqual(there.byLayer);
      }),
    );
  });

  it("counts every difference once, per kind and per layer", () => {
    fc.assert(
      fc.property(facts, facts, (a, b) => {
        const { counts, byLayer, lanes } = compareNodes(a, b);
        expect(counts.added + counts.removed + counts.changed).toBe(counts.total);
        const measured = lanes.reduce((sum, { measurements }) => sum + measurements.length, 0);
        expect(Object.values(byLayer).reduce((sum, n) => sum + n, 0)).toBe(measured);
      }),
    );
  });

  it("does not take what is no longer stored for empty", () => {
    const base: LaneFacts = {
      key: "a",
      label: "a",
      state: "trusted",
      reason: "",
      outcome: "verified_good",
      tier: "affirming",
      vector: [],
      coverage: ["measured_boot"],
      policyIds: ["p"],
      verifier: { id: "v", build: null },
      measurements: { "kernel/release": "6.12" },
    };
    const gone: LaneFacts = { ...base, coverage: null, policyIds: null, verifier: null, measurements: null };
    const node = (one: LaneFacts): NodeFacts => ({
      status: "trusted",
      reason: "",
      identities: [],
      lanes: [one],
    });
    expect(compareNodes(node(base), node(gone)).counts.total).toBe(0);
    const without: LaneFacts = { ...base, measurements: {} };
    expect(compareNodes(node(base), node(without))).toMatchObject({
      counts: { total: 1, removed: 1 },
      byLayer: { kernel: 1 },
    });
  });
});
