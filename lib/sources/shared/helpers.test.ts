import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CLAIMS } from "#lib/domain/ar4si";
import { contextOf, NOW_MS } from "#tests/source-testing";
import { lastSegment, resolvePointer } from "./pointer.ts";
import { Refusal, requireSize } from "./refusal.ts";
import { clip, isIdentityText } from "./text.ts";
import { reasonsOfVector, tierOfStatus, vectorOf, vectorOfClaims, vectorOfValues } from "./vector.ts";
import { parseInstant, requireWithinWindow, type StatedTimes } from "./window.ts";

describe("resolvePointer", () => {
  // RFC 6901, section 5.
  const document = { foo: ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, " ": 7 };
  it.each([
    ["", document],
    ["/foo", ["bar", "baz"]],
    ["/foo/0", "bar"],
    ["/", 0],
    ["/a~1b", 1],
    ["/m~0n", 8],
    ["/ ", 7],
    ["/foo/2", undefined],
    ["/foo/-", undefined],
    ["/foo/00", undefined],
    ["/foo/length", undefined],
    ["/toString", undefined],
    ["/constructor/name", undefined],
    ["foo", undefined],
    ["/foo/0/0", undefined],
  ])("follows %j", (pointer, value) => {
    expect(resolvePointer(document, pointer)).toEqual(value);
  });

  it("names the last segment", () => {
    expect(lastSegment("/a/b~1c")).toBe("b/c");
    expect(lastSegment("")).toBe("");
  });
});

describe("clip", () => {
  it("keeps texts within the limit and never splits a character", () => {
    expect(clip("abc", 3)).toBe("abc");
    expect(clip("abcd", 3)).toBe("ab…");
    expect(clip("a😀bc", 3)).toBe("a…");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 20 }), (text, max) => {
        expect(clip(text, max).length).toBeLessThanOrEqual(max);
        expect(clip(text, max).isWellFormed()).toBe(true);
      }),
    );
  });
});

describe("isIdentityText", () => {
  it.each(["node-1", "spiffe://td/a", "нода", "node ‮x", "a".repeat(256)])("accepts %j", (text) => {
    expect(isIdentityText(text)).toBe(true);
  });
  it.each(["", "   ", "a".repeat(257), "a\u0000", "a\nb", "a\u0085", "a\u2028b", "\ud800"])(
    "refuses %j",
    (text) => {
      expect(isIdentityText(text)).toBe(false);
    },
  );
});

describe("requireWithinWindow", () => {
  const problem = (times: Partial<StatedTimes>, backfill = false) => {
    try {
      requireWithinWindow(
        { issuedAtMs: NOW_MS, notBeforeMs: null, expiresAtMs: null, ...times },
        contextOf({ backfill }),
      );
      return null;
    } catch (error) {
      return error instanceof Refusal ? `${error.category} ${error.code}` : error;
    }
  };

  it("accepts exactly five minutes to either side", () => {
    expect(problem({ issuedAtMs: NOW_MS - 300_000 })).toBeNull();
    expect(problem({ issuedAtMs: NOW_MS - 300_001 })).toBe("expired event/expired");
    expect(problem({ issuedAtMs: NOW_MS + 300_000 })).toBeNull();
    expect(problem({ issuedAtMs: NOW_MS + 300_001 })).toBe("expired event/future");
  });

  it("refuses what is not valid yet and what is valid no more", () => {
    expect(problem({ notBeforeMs: NOW_MS + 300_000 })).toBeNull();
    expect(problem({ notBeforeMs: NOW_MS + 300_001 })).toBe("expired event/future");
    expect(problem({ expiresAtMs: NOW_MS + 1 })).toBeNull();
    expect(problem({ expiresAtMs: NOW_MS })).toBe("expired event/expired");
  });

  it("accepts old and expired results as history, but none from the future", () => {
    expect(problem({ issuedAtMs: 0, expiresAtMs: 1 }, true)).toBeNull();
    expect(problem({ issuedAtMs: NOW_MS + 300_001 }, true)).toBe("expired event/future");
    expect(problem({ notBeforeMs: NOW_MS + 300_001 }, true)).toBe("expired event/future");
  });
});

describe("parseInstant", () => {
  it.each([
    ["2026-11-22T12:00:00Z", NOW_MS],
    ["2026-11-22T13:00:00+01:00", NOW_MS],
    ["2026-11-22T12:00:00.123456789Z", NOW_MS + 123],
    ["2026-11-22T12:00:00", null],
    ["2026-02-30T12:00:00Z", null],
    ["2026-13-01T12:00:00Z", null],
    ["2026-11-22T25:00:00Z", null],
    ["1969-12-31T23:59:59Z", null],
    ["Sun, 22 Nov 2026 12:00:00 GMT", null],
  ])("reads %j", (text, timeMs) => {
    expect(parseInstant(text)).toBe(timeMs);
  });
});

describe("requireSize", () => {
  it("refuses empty and oversized messages", () => {
    expect(() => requireSize(new Uint8Array())).toThrow("empty");
    expect(() => requireSize(new Uint8Array(11), 10)).toThrow("larger");
    expect(() => requireSize(new Uint8Array(10), 10)).not.toThrow();
  });
});

describe("vectors", () => {
  it("takes absent claims as no claim and refuses what it does not know", () => {
    expect(vectorOfClaims({ executables: 33 })).toEqual([0, 0, 33, 0, 0, 0, 0, 0]);
    expect(vectorOfClaims({ "new-claim": 96 })).toBeNull();
    expect(vectorOfClaims({ executables: "2" })).toBeNull();
    expect(vectorOfClaims({ executables: 128 })).toBeNull();
    expect(vectorOfClaims({ executables: 1.5 })).toBeNull();
    expect(vectorOfClaims({ executables: null })).toBeNull();
    expect(vectorOfValues([2, 2])).toBeNull();
    expect(vectorOf("hardware", 97)).toEqual([0, 0, 0, 0, 97, 0, 0, 0]);
  });

  it("reads a status as a word or as its number only", () => {
    expect([0, 2, 32, 96].map(tierOfStatus)).toEqual(["none", "affirming", "warning", "contraindicated"]);
    expect(["none", "affirming", "warning", "contraindicated"].map(tierOfStatus)).toEqual([
      "none",
      "affirming",
      "warning",
      "contraindicated",
    ]);
    expect([1, "2", "Affirming", null, undefined, true].map(tierOfStatus)).toEqual(Array(6).fill(null));
  });

  it("words one reason per stated claim that is not affirming", () => {
    expect(reasonsOfVector([2, 36, 33, 0, 97, 1, -1, 99]).map(({ code }) => code)).toEqual([
      "ar4si.configuration.36",
      "ar4si.executables.33",
      "ar4si.hardware.97",
      "ar4si.runtime-opaque.1",
      "ar4si.storage-opaque.-1",
      "ar4si.sourced-data.99",
    ]);
    for (const claim of CLAIMS) {
      expect(reasonsOfVector(vectorOf(claim, 96))[0]?.detail).not.toContain("the verifier states");
      expect(reasonsOfVector(vectorOf(claim, 50))[0]?.detail).toBe("the verifier states 50 (warning)");
    }
  });
});
