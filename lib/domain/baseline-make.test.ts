import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BaselineContent, STRICT } from "./baseline.ts";
import { commonState, contentOfNode } from "./baseline-make.ts";
import { isCovered, mismatches, worstEffect } from "./baseline-match.ts";

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
const found = (content: BaselineContent, set: Record<string, string>) =>
  mismatches(content, set, never).map(({ path, kind }) => `${kind} ${path}`);

describe("a golden node", () => {
  it("matches what was made from it", () => {
    fc.assert(fc.property(measurements, (set) => mismatches(contentOfNode(set), set, never).length === 0));
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
        const wrong = cohort.filter((node) => mismatches(state.content, node.measurements, never).length > 0);
        expect(wrong.map(({ id }) => id).sort()).toEqual(state.outliers);
      }),
    );
  });

  it("keeps a path that is named like something that objects inherit", () => {
    const nodes = [{ id: "n", measurements: { toString: "1" } }];
    expect(commonState(nodes).content.entries).toEqual({ toString: ["1"] });
  });
});

describe("a match", () => {
  const content = exact({ "kernel/release": ["6.8.1", "6.8.2"], "os/image": ["a"] }, { scope: ["os/"] });

  it("finds what is changed, missing and added, and looks for additions only in its scope", () => {
    expect(found(content, { "kernel/release": "6.9.0", "os/other": "x", "kernel/other": "y" })).toEqual([
      "changed kernel/release",
      "removed os/image",
      "added os/other",
    ]);
    expect(found(content, { "kernel/release": "6.8.2", "os/image": "a" })).toEqual([]);
  });

  it("keeps to the tolerances of the layer", () => {
    const lax = (tolerance: Partial<typeof STRICT>) => ({
      ...content,
      tolerances: { kernel: { ...STRICT, ...tolerance }, image: { ...STRICT, ...tolerance } },
    });
    const set = { "kernel/release": "6.10.0", "os/other": "x" };
    expect(found(lax({ added: "tolerated" }), set)).toEqual(["changed kernel/release", "removed os/image"]);
    expect(found(lax({ removed: "tolerated" }), set)).toEqual(["changed kernel/release", "added os/other"]);
    expect(found(lax({ values: "newer" }), set)).toEqual(["removed os/image", "added os/other"]);
    expect(mismatches(lax({ unexplained: "fail" }), set, never).map(({ effect }) => effect)).toEqual(
      Array(3).fill("fail"),
    );
  });

  it.each([
    ["6.8.2", "6.8.1", true],
    ["6.8.1", "6.8.1", true],
    ["6.10.0", "6.9.9", true],
    ["6.8", "6.8.1", false],
    ["6.7.9", "6.8.1", false],
    ["2", "1", false],
    ["deadbeef", "1.2", false],
    ["6.8.2-evil", "6.8.1-fleet1", false],
    ["6.8.2-fleet1", "6.8.1-fleet1", true],
  ])("takes %s for an upgrade of %s: %s", (actual, accepted, isUpgrade) => {
    const newer = exact(
      { "kernel/release": [accepted] },
      { tolerances: { kernel: { ...STRICT, values: "newer" } } },
    );
    expect(found(newer, { "kernel/release": actual }).length === 0).toBe(isUpgrade);
  });

  it("passes over what a pattern ignores, wherever it is", () => {
    const ignored = (path: string) => path.startsWith("os/");
    expect(mismatches(content, { "kernel/release": "6.8.1", "os/x": "1" }, ignored)).toEqual([]);
  });

  it("is only asked of evidence that the version says something about", () => {
    expect(isCovered(content, { "gpu/vbios": "1" })).toBe(false);
    expect(isCovered(content, { "os/x": "1" })).toBe(true);
    expect(isCovered(content, { "kernel/release": "x" })).toBe(true);
  });

  it("is as bad as its worst difference", () => {
    expect(worstEffect([])).toBeNull();
    expect(worstEffect(["note", "fail", "degrade"])).toBe("fail");
    expect(worstEffect(["note"])).toBe("note");
  });
});
