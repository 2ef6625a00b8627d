import { describe, expect, it } from "vitest";
import { isPresent, PRESENT, recordedParams, timeParams, timeTravelOf, withTime } from "./time-travel.ts";

const T = "2026-06-01T10:00:00.000Z";
const K = "2026-06-01T12:00:00.000Z";

describe("the times of an address", () => {
  it("are now when they are absent or cannot be read", () => {
    expect(timeTravelOf({})).toEqual(PRESENT);
    for (const text of ["yesterday", "2026-13-01T00:00:00Z", "0000-01-01T00:00:00Z", "", "1", "2026-06-01"]) {
      expect(isPresent(timeTravelOf({ asOf: text, knownAt: text }))).toBe(true);
    }
    expect(timeTravelOf({ asOf: "2026-06-01T11:00:00+01:00" }).asOf).toBe(T);
    expect(timeTravelOf({ asOf: ["2026-06-01T10:00Z", K], knownAt: K })).toEqual({ asOf: T, knownAt: K });
  });

  it("go on to other addresses, whose own times win", () => {
    expect(withTime("/nodes?q=a", { asOf: T, knownAt: null })).toBe(
      `/nodes?q=a&asOf=${encodeURIComponent(T)}`,
    );
    expect(withTime(`/nodes?asOf=${encodeURIComponent(K)}`, { asOf: T, knownAt: null })).toBe(
      `/nodes?asOf=${encodeURIComponent(K)}`,
    );
    expect(withTime("/nodes", PRESENT)).toBe("/nodes");
  });

  it("are asked for only where they are not now", () => {
    expect(timeParams({ asOf: null, knownAt: K })).toEqual({ knownAt: K });
    expect(recordedParams({ asOf: null, knownAt: K })).toEqual({ asOf: K });
    expect(recordedParams(PRESENT)).toEqual({});
  });
});
