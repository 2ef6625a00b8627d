import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withAccepted } from "./accept-drift.ts";
import type { BaselineContent } from "./baseline.ts";

const content = (entries: BaselineContent["entries"]): BaselineContent => ({
  scope: ["a/"],
  entries,
  ignore: ["x"],
  tolerances: {},
});
const someContent = fc
  .dictionary(fc.string(), fc.uniqueArray(fc.string(), { minLength: 1 }))
  .map((entries) => content(entries));
const change = fc.record({ path: fc.string(), actual: fc.option(fc.string()) });

describe("an accepted change", () => {
  it("stands beside the values that were accepted before", () => {
    const next = withAccepted(content({ k: ["1"] }), [
      { path: "k", actual: "2" },
      { path: "new", actual: "3" },
    ]);
    expect(next).toEqual(content({ k: ["1", "2"], new: ["3"] }));
  });

  it("that removes an entry removes what was expected", () => {
    expect(withAccepted(content({ k: ["1"] }), [{ path: "k", actual: null }])).toEqual(content({}));
  });

  it("moves nothing but its own path, counts once, and keeps the content that it was made from", () => {
    fc.assert(
      fc.property(someContent, change, (before, one) => {
        const copy = structuredClone(before);
        const next = withAccepted(before, [one]);
        expect(before).toEqual(copy);
        expect(withAccepted(next, [one])).toEqual(next);
        const others = (entries: BaselineContent["entries"]) =>
          Object.entries(entries).filter(([path]) => path !== one.path);
        expect(others(next.entries)).toEqual(others(before.entries));
        expect({ ...next, entries: {} }).toEqual({ ...before, entries: {} });
      }),
    );
  });

  it("named like a member of every object is an entry like any other", () => {
    const next = withAccepted(content({}), [{ path: "__proto__", actual: "x" }]);
    expect(Object.entries(next.entries)).toEqual([["__proto__", ["x"]]]);
  });
});
