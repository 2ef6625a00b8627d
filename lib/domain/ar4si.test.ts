import { describe, expect, it } from "vitest";
import {
  isTrustVector,
  meaningOfClaim,
  NO_CLAIMS,
  type TrustVector,
  tierOfStatement,
  tierOfValue,
  tierOfVector,
} from "./ar4si.ts";
import { outcomeOf } from "./verdict.ts";

const vector = (...start: number[]): TrustVector =>
  [...start, ...NO_CLAIMS].slice(0, 8) as unknown as TrustVector;

describe("AR4SI tiers", () => {
  it.each([
    [-128, "contraindicated"],
    [-97, "contraindicated"],
    [-96, "warning"],
    [-33, "warning"],
    [-32, "affirming"],
    [-2, "affirming"],
    [-1, "none"],
    [0, "none"],
    [1, "none"],
    [2, "affirming"],
    [31, "affirming"],
    [32, "warning"],
    [95, "warning"],
    [96, "contraindicated"],
    [127, "contraindicated"],
  ])("puts the value %i into the tier %s, at both ends of every range", (value, tier) => {
    expect(tierOfValue(value)).toBe(tier);
  });

  it("takes the worst claim, and nothing for no claims", () => {
    expect(tierOfVector(NO_CLAIMS)).toBe("none");
    expect(tierOfVector(vector(2, 33, 2))).toBe("warning");
    expect(tierOfVector(vector(2, 33, 96))).toBe("contraindicated");
  });

  it("is never better than the vector, nor than what the verifier states", () => {
    expect(tierOfStatement(vector(2), "contraindicated")).toBe("contraindicated");
    expect(tierOfStatement(vector(96), "affirming")).toBe("contraindicated");
    expect(tierOfStatement(vector(2), "none")).toBe("none");
    expect(tierOfStatement(NO_CLAIMS, "affirming")).toBe("affirming");
  });

  it("accepts signed bytes only", () => {
    expect(isTrustVector([0, 0, 0, 0, 0, 0, 0, 127])).toBe(true);
    expect(isTrustVector([0, 0, 0, 0, 0, 0, 0, 128])).toBe(false);
    expect(isTrustVector([0, 0, 0, 0, 0, 0, 0.5, 0])).toBe(false);
    expect(isTrustVector([0])).toBe(false);
  });
});

describe("the four kinds of not-green", () => {
  it("tells bad from unknown from unverifiable", () => {
    expect(meaningOfClaim("executables", 96)).toBe("known_bad");
    expect(meaningOfClaim("executables", 33)).toBe("not_recognised");
    expect(meaningOfClaim("hardware", 97)).toBe("not_recognised");
    expect(meaningOfClaim("file-system", 32)).toBe("not_recognised");
    expect(meaningOfClaim("hardware", 32)).toBe("known_weakness");
    expect(meaningOfClaim("configuration", 36)).toBe("could_not_verify");
    expect(meaningOfClaim("hardware", 99)).toBe("could_not_verify");
  });

  it("lets known bad outweigh unverifiable, and that outweigh unknown", () => {
    expect(outcomeOf(vector(97, 99, 96), "contraindicated")).toBe("verified_bad");
    expect(outcomeOf(vector(97, 99), "contraindicated")).toBe("could_not_verify");
    expect(outcomeOf(vector(97), "contraindicated")).toBe("not_recognised");
    expect(outcomeOf(vector(2), "none")).toBe("pending");
    expect(outcomeOf(vector(-1), "none")).toBe("could_not_verify");
  });
});
