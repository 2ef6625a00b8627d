import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { driftNews, type FindingTurn, type LineTurn, trustNews } from "./news.ts";

const STATES = ["trusted", "degraded", "failed", "stale", "pending"] as const;
const line = fc
  .uniqueArray(
    fc.tuple(fc.integer({ min: 0, max: 30 }), fc.constantFrom(...STATES), fc.string({ maxLength: 2 })),
    {
      selector: ([fromMs]) => fromMs,
      maxLength: 8,
    },
  )
  .map((turns): LineTurn[] =>
    turns
      .sort(([a], [b]) => a - b)
      .map(([fromMs, state, reason]) => ({ fromMs, state, reason, policyVersion: "1" })),
  );

/** What a reader believes who only ever heard facts: the statuses by when they began. */
function heard(facts: ReturnType<typeof trustNews>[]): string[] {
  const believed = new Set<string>();
  for (const { change, fromMs, status } of facts.flat()) {
    if (change === "entered") believed.add(`${fromMs} ${status}`);
    else believed.delete(`${fromMs} ${status}`);
  }
  return [...believed].sort();
}

describe("news about a node's line", () => {
  it("make a reader believe exactly what we believe, whatever was corrected", () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => {
        const facts = lines.map((computed, index) => trustNews(lines[index - 1] ?? [], computed));
        const now = lines.at(-1) ?? [];
        const turns = now.filter(({ state }, index) => state !== now[index - 1]?.state);
        expect(heard(facts)).toEqual(turns.map(({ fromMs, state }) => `${fromMs} ${state}`).sort());
      }),
    );
  });

  it("are none when nothing but bounds and reasons changed", () => {
    const before: LineTurn[] = [{ fromMs: 1, state: "trusted", reason: "a", policyVersion: "1" }];
    const after: LineTurn[] = [
      { fromMs: 1, state: "trusted", reason: "b", policyVersion: "2" },
      { fromMs: 5, state: "trusted", reason: "c", policyVersion: "2" },
    ];
    expect(trustNews(before, after)).toEqual([]);
  });
});

describe("news about findings", () => {
  const finding = (fingerprint: string, fromMs: number, toMs: number | null): FindingTurn => ({
    ...{
      fingerprint,
      path: "p",
      difference: "changed",
      layer: "kernel",
      class: "unexplained",
      effect: "degrade",
    },
    ...{
      why: "w",
      expected: [],
      actual: "a",
      baselineId: "b",
      baselineVersion: 1,
      sourceId: "s",
      submod: "",
    },
    ...{ isExcepted: false, score: 1, fromMs, toMs },
  });
  const told = (before: FindingTurn[], after: FindingTurn[]) =>
    driftNews(before, after).map(({ change, fingerprint, fromMs }) => `${change} ${fingerprint} ${fromMs}`);

  it("open, close and take back", () => {
    expect(told([], [finding("x", 1, null)])).toEqual(["opened x 1"]);
    expect(told([finding("x", 1, null)], [finding("x", 1, 5)])).toEqual(["closed x 1"]);
    expect(told([finding("x", 1, null)], [])).toEqual(["withdrawn x 1"]);
    expect(told([finding("x", 1, null)], [finding("x", 2, null)])).toEqual(["withdrawn x 1", "opened x 2"]);
  });

  it("tell both ends of what was over before it was found", () => {
    expect(told([], [finding("x", 1, 5)])).toEqual(["opened x 1", "closed x 1"]);
  });
});
