import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { found, matcherOf, patternProblem } from "./patterns.ts";

describe("matcherOf", () => {
  it("matches whole paths, by any of its patterns", () => {
    const matches = matcherOf(["/etc/.*", "pcr/1[0-9]"]);
    expect(["/etc/hosts", "pcr/11", "/etc", "pcr/110", "x/etc/hosts"].map(matches)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it("anchors alternatives too", () => {
    expect(matcherOf(["a|b"])("ab")).toBe(false);
  });

  it("matches nothing without patterns, or with a text that is none", () => {
    expect(matcherOf([])("a")).toBe(false);
    expect(matcherOf(["("])("(")).toBe(false);
  });

  it("takes time linear in the path", () => {
    const matches = matcherOf(["(a+)+"]);
    const startedAt = performance.now();
    expect(matches(`${"a".repeat(10_000)}!`)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(100);
  });
});

describe("patternProblem", () => {
  it("is null for what RE2 reads, and a sentence for the rest", () => {
    expect(patternProblem("^a.*$")).toBeNull();
    expect(patternProblem("(")).toMatch(/RE2/);
    expect(patternProblem("(?=a)b")).toMatch(/RE2/);
    expect(patternProblem("a".repeat(1001))).toMatch(/longer/);
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (pattern, text) => {
        expect(patternProblem(pattern) === null).toBe(found(pattern, text) !== null);
      }),
    );
  });
});
