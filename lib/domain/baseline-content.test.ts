import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BaselineContent, STRICT } from "./baseline.ts";
import { CONTENT_LIMITS, contentDocument, readContent } from "./baseline-content.ts";
import { diffContents, isSameContent } from "./baseline-diff.ts";
import { canonicalJson } from "./change-request.ts";
import { LAYERS } from "./layers.ts";

const check = (pattern: string) => (pattern.includes("(") ? "This is no pattern." : null);
const read = (document: unknown) => readContent(document, check);
const faults = (document: unknown) => {
  const result = read(document);
  return result.ok ? [] : result.problems.map(({ fault, pointer }) => `${fault} ${pointer}`);
};
const entries = (value: unknown) => ({ entries: value });

const tolerance = fc.record({
  unexplained: fc.constantFrom("fail" as const, "degrade" as const, "note" as const),
  added: fc.constantFrom("drift" as const, "tolerated" as const),
  removed: fc.constantFrom("drift" as const, "tolerated" as const),
  values: fc.constantFrom("exact" as const, "newer" as const),
});
const name = fc
  .stringMatching(/^[a-z][a-z0-9/.-]{0,12}$/)
  .filter((text) => text !== "constructor" && text !== "prototype");
const contents: fc.Arbitrary<BaselineContent> = fc.record({
  scope: fc.uniqueArray(name, { maxLength: 3 }).map((list) => list.sort()),
  entries: fc.dictionary(
    name,
    fc
      .uniqueArray(fc.stringMatching(/^[a-z0-9.]{0,8}$/), { minLength: 1, maxLength: 3 })
      .map((list) => list.sort()),
    { minKeys: 1, maxKeys: 8, noNullPrototype: true },
  ),
  ignore: fc.uniqueArray(name, { maxLength: 3 }).map((list) => list.sort()),
  tolerances: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...LAYERS), tolerance), {
      maxLength: 4,
      selector: ([layer]) => layer,
    })
    .map((list) => Object.fromEntries(list)),
});

describe("a document", () => {
  it("gives the content that it was written from", () => {
    fc.assert(
      fc.property(contents, (content) => {
        const result = read(JSON.parse(JSON.stringify(contentDocument(content))));
        expect(result.ok && canonicalJson(result.content)).toBe(canonicalJson(content));
      }),
    );
  });

  it("may say the same in another order: the canonical form is one", () => {
    const a = read({ entries: { b: ["2", "1", "2"], a: "x" }, scope: ["b", "a"], ignore: ["z", "y"] });
    const b = read({ ignore: ["y", "z"], scope: ["a", "b"], entries: { a: ["x"], b: ["1", "2"] } });
    expect(a).toEqual(b);
    expect(a.ok && Object.keys(a.content.entries)).toEqual(["a", "b"]);
  });

  it("may say less than everything of a tolerance: the rest is strict", () => {
    const result = read({ entries: { a: "1" }, tolerances: { kernel: { values: "newer" } } });
    expect(result.ok && result.content.tolerances).toEqual({ kernel: { ...STRICT, values: "newer" } });
  });

  it.each([
    ["null", null, ["not-an-object "]],
    ["a list", [], ["not-an-object "]],
    ["another format", { format: "x", entries: { a: "1" } }, ["unknown-format /format"]],
    ["a misspelt member", { entires: {}, scope: ["a"] }, ["unknown-member /entires"]],
    ["nothing expected", {}, ["expects-nothing /entries"]],
    ["entries as a list", entries([]), ["not-an-object /entries"]],
    ["a number as value", entries({ a: 6.1 }), ["value-not-text /entries/a"]],
    ["a truth value", entries({ a: [true] }), ["value-not-text /entries/a"]],
    ["an entry without values", entries({ a: [] }), ["no-values /entries/a"]],
    ["a value with NUL", entries({ a: "x\u0000" }), ["value-invalid /entries/a"]],
    ["a lone surrogate", entries({ a: "\ud800" }), ["value-invalid /entries/a"]],
    ["a long value", entries({ a: "x".repeat(8_193) }), ["value-invalid /entries/a"]],
    ["too many values", entries({ a: Array(65).fill("x") }), ["too-many /entries/a"]],
    ["an empty path", entries({ "": "1" }), ["path-invalid /entries/"]],
    ["a path with a line break", entries({ "a\nb": "1" }), ["path-invalid /entries/a\nb"]],
    ["a key of prototypes", entries(JSON.parse('{"__proto__":"1"}')), ["path-reserved /entries/__proto__"]],
    ["a constructor", entries({ constructor: "1" }), ["path-reserved /entries/constructor"]],
    ["a scope that is no list", { scope: "a" }, ["bad-list /scope"]],
    ["a scope that is reserved", { scope: ["__proto__"] }, ["path-reserved /scope/0"]],
    ["too many scopes", { scope: Array(201).fill("a") }, ["too-many /scope"]],
    ["a broken pattern", { ...entries({ a: "1" }), ignore: ["("] }, ["pattern-invalid /ignore/0"]],
    [
      "an endless pattern",
      { ...entries({ a: "1" }), ignore: ["a".repeat(513)] },
      ["pattern-invalid /ignore/0"],
    ],
    [
      "a layer that is none",
      { scope: ["a"], tolerances: { disk: {} } },
      ["tolerance-invalid /tolerances/disk"],
    ],
    [
      "a tolerance that is none",
      { scope: ["a"], tolerances: { kernel: { added: "maybe", toString: 1 } } },
      ["tolerance-invalid /tolerances/kernel/added", "tolerance-invalid /tolerances/kernel/toString"],
    ],
  ])("is refused by name for %s", (_, document, expected) => {
    expect(faults(document)).toEqual(expected);
  });

  it("is refused when it is too large, in number and in characters", () => {
    const many = Object.fromEntries(Array.from({ length: 50_001 }, (_, index) => [`p${index}`, "1"]));
    expect(faults(entries(many))).toEqual(["too-many /entries"]);
    const long = Object.fromEntries(
      Array.from({ length: 800 }, (_, index) => [`p${index}`, "x".repeat(8_000)]),
    );
    expect(faults(entries(long))).toEqual(["too-large /entries"]);
  });

  it("may be anything: it is read or refused with at least one and at most twenty problems", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const result = read(value);
        return result.ok || (result.problems.length > 0 && result.problems.length <= 20);
      }),
    );
    const bad = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`p${index}`, 1]));
    expect(faults(entries(bad))).toHaveLength(20);
    expect(CONTENT_LIMITS.entries).toBe(50_000);
  });
});

describe("the difference of two versions", () => {
  it("is nothing for a version and itself, and the reverse from the other side", () => {
    fc.assert(
      fc.property(contents, contents, (a, b) => {
        expect(isSameContent(diffContents(a, a))).toBe(true);
        const [there, back] = [diffContents(a, b), diffContents(b, a)];
        expect(back.entries.map(({ path, a: x, b: y }) => [path, y, x])).toEqual(
          there.entries.map(({ path, a: x, b: y }) => [path, x, y]),
        );
        expect(back.scope).toEqual({ added: there.scope.removed, removed: there.scope.added });
        expect(isSameContent(there)).toBe(canonicalJson(meaning(a)) === canonicalJson(meaning(b)));
      }),
    );
  });

  /** A tolerance that says what holds anyway says nothing. */
  const meaning = (content: BaselineContent) => ({
    ...content,
    tolerances: LAYERS.map((layer) => content.tolerances[layer] ?? STRICT),
  });

  it("is by path: one removed entry is one change, and an order of values is none", () => {
    const a = { scope: [""], entries: { a: ["1", "2"], b: ["1"], c: ["1"] }, ignore: [], tolerances: {} };
    const b = {
      ...a,
      scope: [],
      entries: { a: ["2", "1"], c: ["2"], d: ["1"] },
      tolerances: { kernel: { ...STRICT, values: "newer" as const } },
    };
    expect(diffContents(a, b)).toEqual({
      entries: [
        { path: "b", layer: "config", kind: "removed", a: ["1"], b: null },
        { path: "c", layer: "config", kind: "changed", a: ["1"], b: ["2"] },
        { path: "d", layer: "config", kind: "added", a: null, b: ["1"] },
      ],
      scope: { added: [], removed: [""] },
      ignore: { added: [], removed: [] },
      tolerances: [{ layer: "kernel", a: STRICT, b: { ...STRICT, values: "newer" } }],
    });
  });
});
