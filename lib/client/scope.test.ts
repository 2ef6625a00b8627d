import { describe, expect, it } from "vitest";
import { inScope, scopeOf, withScope } from "./scope.ts";

const ID = "019e830e-1a00-777f-9367-21d62e40f8c1";

describe("the chosen trust domain", () => {
  it("is what the address says, if it can be one", () => {
    expect(scopeOf(`?a=1&scope=${ID}`)).toBe(ID);
    expect(scopeOf("?scope=home")).toBeNull();
    expect(scopeOf("")).toBeNull();
  });

  it("is added to a path once, and goes away with the choice", () => {
    expect(inScope("/nodes?q=x", ID)).toBe(`/nodes?q=x&scope=${ID}`);
    expect(inScope(inScope("/nodes", ID), ID)).toBe(`/nodes?scope=${ID}`);
    expect(inScope("/nodes", null)).toBe("/nodes");
    expect(withScope(`/nodes?scope=${ID}&q=x`, null)).toBe("/nodes?q=x");
    expect(withScope("/nodes", ID)).toBe(`/nodes?scope=${ID}`);
  });
});
