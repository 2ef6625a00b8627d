import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BaselineContent } from "./baseline.ts";
import { commonState, contentOfNode } from "./baseline-make.ts";
import { compareWithBaseline } from "./drift-compare.ts";

const never = () => false;
const exact = (
  entries: BaselineContent["entries"],
  more: Partial<BaselineContent> = {},
): BaselineContent => ({
  scope: [],
  entries,
  ignore: [],
  tolerances: {},
  ...more,
});
const measurements = fc.dictionary(fc.constantFrom("a", "b", "c", "d"), fc.constantFrom("1", "2", "3"), {
  noNullPrototype: true,
});

describe("a golden node", () => {
  it("matches what was made from it", () => {
    fc.assert(
      fc.property(measurements, (set) => compareWithBaseline(contentOfNode(set), set, never).length === 0),
    );
  });
});

describe("the most common state of a cohort", () => {
  it("says per path what most nodes have, who differs, and what is left out and why", () => {
    const cohort = [
      { id: "n1", measurements: { kernel: "6.8", host: "n1", extra: "x" } },
      { id: "n2", measurements: { kernel: "6.8", host: "n2" } },
      { id: "n3", measurements: { kernel: "6.7", host: "n3" } },
    ];
    expect(commonState(cohort)).toEqual({
      content: exact({ kernel: ["6.8"] }),
      nodes: 3,
      disputed: [
        { path: "host", value: "n1", nodes: 1, share: 1 / 3, differing: ["n2", "n3"], leftOut: "too-varied" },
        { path: "extra", value: null, nodes: 2, share: 2 / 3, differing: ["n1"], leftOut: "rare" },
        { path: "kernel", value: "6.8", nodes: 2, share: 2 / 3, differing: ["n3"], leftOut: null },
      ],
      outliers: ["n3"],
    });
  });

  it("is nothing for nobody, and an even split is no majority", () => {
    expect(commonState([]).content.entries).toEqual({});
    const split = [
      { id: "a", measurements: { k: "1" } },
      { id: "b", measurements: { k: "2" } },
    ];
    expect(commonState(split).content.entries).toEqual({});
    expect(commonState(split.slice(0, 1)).content.entries).toEqual({ k: ["1"] });
  });

  it("accounts for every path, matches exactly the nodes that are no outliers, in any order", () => {
    const cohorts = fc
      .array(measurements, { minLength: 1, maxLength: 7 })
      .map((sets) => sets.map((set, index) => ({ id: `n${index}`, measurements: set })));
    fc.assert(
      fc.property(cohorts, (cohort) => {
        const state = commonState(cohort);
        expect(commonState([...cohort].reverse())).toEqual(state);
        const paths = new Set(cohort.flatMap((node) => Object.keys(node.measurements)));
        const told = new Set([
          ...Object.keys(state.content.entries),
          ...state.disputed.map(({ path }) => path),
        ]);
        expect([...told].sort()).toEqual([...paths].sort());
        const wrong = cohort.filter(
          (node) => compareWithBaseline(state.content, node.measurements, never).length > 0,
        );
        expect(wrong.map(({ id }) => id).sort()).toEqual(state.outliers);
      }),
    );
  });

  it("keeps a path that is named like something that objects inherit", () => {
    const nodes = [{ id: "n", measurements: { toString: "1" } }];
    expect(commonState(nodes).content.entries).toEqual({ toString: ["1"] });
  });
});
