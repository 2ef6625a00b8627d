import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MoveTally, NAMED, type NodeMove } from "./moves.ts";

const STATES = ["trusted", "degraded", "failed", "pending", "stale", "exempt"] as const;
const move = (part: Partial<NodeMove>): NodeMove => ({
  id: "n",
  name: "n",
  from: "trusted",
  to: "failed",
  ruleId: "r",
  reason: "because",
  ...part,
});
const tallied = (moves: readonly NodeMove[]) => {
  const tally = new MoveTally();
  for (const one of moves) tally.add(one);
  return tally.result();
};

describe("What moves", () => {
  it("is counted by from and to, the most nodes first, and named from the worst on", () => {
    const { moves, total, named } = tallied([
      move({ id: "a", name: "a", from: "failed", to: "trusted" }),
      move({ id: "b", name: "b", from: "trusted", to: "degraded" }),
      move({ id: "d", name: "d" }),
      move({ id: "c", name: "c" }),
      move({ id: "e", name: "e", from: "stale", to: "stale" }),
    ]);
    expect(moves).toEqual([
      { from: "trusted", to: "failed", nodes: 2 },
      { from: "trusted", to: "degraded", nodes: 1 },
      { from: "failed", to: "trusted", nodes: 1 },
    ]);
    expect(total).toBe(4);
    expect(named.map(({ id }) => id)).toEqual(["c", "d", "b", "a"]);
  });

  it("names the same nodes whatever order they come in, and never loses one from the totals", () => {
    const some = fc.array(
      fc.record({ from: fc.constantFrom(...STATES), to: fc.constantFrom(...STATES), id: fc.nat(999) }),
      { maxLength: 3 * NAMED, size: "max" },
    );
    fc.assert(
      fc.property(some, (given) => {
        const all = given.map(({ id, ...rest }, n) => move({ ...rest, id: `${n}`, name: `${id}` }));
        const moved = all.filter(({ from, to }) => from !== to);
        const [result, backwards] = [tallied(all), tallied(all.toReversed())];
        expect(result).toEqual(backwards);
        expect(result.total).toBe(moved.length);
        expect(result.moves.reduce((sum, { nodes }) => sum + nodes, 0)).toBe(moved.length);
        expect(result.named).toHaveLength(Math.min(NAMED, moved.length));
        const failed = moved.filter(({ to }) => to === "failed").length;
        expect(result.named.filter(({ to }) => to === "failed")).toHaveLength(Math.min(NAMED, failed));
      }),
      { numRuns: 60 },
    );
  });
});
