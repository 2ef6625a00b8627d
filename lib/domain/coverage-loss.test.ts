import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coverageLosses, lossSentence, type NodeLoss, weakeningsOf } from "./coverage-loss.ts";

const stretch = (
  fromMs: number,
  toMs: number | null,
  coverage: string[],
  policyIds: string[] = ["p"],
  passes = true,
) => ({
  fromMs,
  toMs,
  passes,
  coverage,
  policyIds,
});

const anyStretches = fc
  .array(
    fc.record({
      coverage: fc.subarray(["a", "b", "c"]),
      policyIds: fc.subarray(["p", "q", "accept-all"]),
      passes: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map((list) =>
    list.map((said, index) => ({
      ...said,
      fromMs: index * 10,
      toMs: index === list.length - 1 ? null : index * 10 + 10,
    })),
  );

describe("losses of a line", () => {
  it("are stretches that pass, apart and in order, each with something lost", () => {
    fc.assert(
      fc.property(anyStretches, (stretches) => {
        const losses = coverageLosses(stretches);
        for (const [index, loss] of losses.entries()) {
          expect(loss.lost.length).toBeGreaterThan(0);
          expect(loss.fromMs).toBeGreaterThanOrEqual(losses[index - 1]?.toMs ?? 0);
          const within = stretches.filter(
            ({ fromMs }) => fromMs >= loss.fromMs && fromMs < (loss.toMs ?? Number.POSITIVE_INFINITY),
          );
          expect(within.every(({ passes }) => passes)).toBe(true);
        }
      }),
    );
  });

  it("leave no pass out that covers less than an earlier one, and hold none against a full one", () => {
    fc.assert(
      fc.property(anyStretches, (stretches) => {
        const losses = coverageLosses(stretches);
        const lostAt = (atMs: number) =>
          losses.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < (toMs ?? Number.POSITIVE_INFINITY));
        const [first, ...rest] = stretches.filter(({ passes }) => passes);
        if (!first) {
          expect(losses).toEqual([]);
          return;
        }
        expect(lostAt(first.fromMs)).toBe(false);
        // Until something is lost the measure is the pass before.
        let measure = first;
        for (const next of rest) {
          const less = measure.coverage.some((item) => !next.coverage.includes(item));
          if (less) expect(lostAt(next.fromMs)).toBe(true);
          if (lostAt(next.fromMs)) break;
          measure = next;
        }
      }),
    );
  });

  it("do not become normal by lasting, and end with a pass that covers everything again", () => {
    const losses = coverageLosses([
      stretch(0, 10, ["a", "b"]),
      stretch(10, 20, ["a"]),
      stretch(20, 30, ["a"], ["p"], false),
      stretch(30, 40, ["a"]),
      stretch(40, null, ["a", "b"]),
    ]);
    expect(losses.map(({ fromMs, toMs, lost }) => [fromMs, toMs, lost])).toEqual([
      [10, 20, ["coverage:b"]],
      [30, 40, ["coverage:b"]],
    ]);
  });

  it("count a policy that vanished or accepts all, and none that was replaced", () => {
    const lost = (after: string[]) =>
      coverageLosses([stretch(0, 10, ["a"], ["p"]), stretch(10, null, ["a"], after)]).map(
        (loss) => loss.lost,
      );
    expect(lost(["p2"])).toEqual([]);
    expect(lost([])).toEqual([["policy"]]);
    for (const name of ["accept-all", "allow_all", "AcceptAll", "permit any"])
      expect(lost([name])).toEqual([["policy"]]);
    expect(
      coverageLosses([stretch(0, 10, ["a"], ["accept-all"]), stretch(10, null, ["a"], ["accept-all"])]),
    ).toEqual([]);
  });

  it("are told in one sentence that begins with the pass", () => {
    expect(
      lossSentence({ lost: ["coverage:secure_boot", "policy"], policiesBefore: ["v3"], policiesAfter: [] }),
    ).toBe("Passes, but the verifier checks less than before: no secure boot; policy none instead of v3");
  });
});

describe("a weakened verifier", () => {
  const loss = (nodeId: string, fromMs: number, toMs: number | null): NodeLoss => ({
    nodeId,
    fromMs,
    toMs,
    lost: ["coverage:b"],
    coverageBefore: ["a", "b"],
    coverageAfter: ["a"],
    policiesBefore: [],
    policiesAfter: [],
  });

  it("is one from a twentieth of its nodes on, and as long", () => {
    const losses = Array.from({ length: 10 }, (_, index) => loss(`n${index}`, index * 10, 500 + index * 10));
    expect(weakeningsOf(losses, new Map([["coverage:b", 100]]), 100)).toEqual([
      { subject: "coverage:b", fromMs: 40, toMs: 550, nodes: 10, before: ["a", "b"], after: ["a"] },
    ]);
    expect(weakeningsOf(losses.slice(0, 4), new Map([["coverage:b", 100]]), 100)).toEqual([]);
  });

  it("must have checked it for nearly all nodes before", () => {
    const losses = [loss("n0", 0, null)];
    expect(weakeningsOf(losses, new Map([["coverage:b", 18]]), 20)).toEqual([]);
    expect(weakeningsOf(losses, new Map([["coverage:b", 19]]), 20)).toHaveLength(1);
  });

  it("counts a node with two lines once", () => {
    const losses = [loss("n0", 0, 10), loss("n0", 0, 20)];
    expect(weakeningsOf(losses, new Map([["coverage:b", 40]]), 40)).toEqual([]);
    expect(weakeningsOf(losses, new Map([["coverage:b", 1]]), 1)).toMatchObject([{ toMs: 20, nodes: 1 }]);
  });
});
