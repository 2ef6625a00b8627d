import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalText } from "./canonical.ts";

describe("canonicalText", () => {
  it("writes what the RFC 8785 library writes", () => {
    const document = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(document, (value) => {
        expect(canonicalText(value)).toBe(canonicalize(value));
      }),
      { numRuns: 200 },
    );
  });

  it("keeps a member that would otherwise become a prototype", () => {
    expect(canonicalText(JSON.parse('{"b":1,"__proto__":"x"}'))).toBe('{"__proto__":"x","b":1}');
  });

  it("puts index-like keys where the RFC wants them, not where objects keep them", () => {
    expect(canonicalText({ b: 1, 10: 2, 9: 3 })).toBe('{"10":2,"9":3,"b":1}');
  });
});
