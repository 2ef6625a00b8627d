import { describe, expect, it } from "vitest";
import { DAY_MS } from "./format.ts";
import { keyEnd } from "./key-end.ts";

describe("the end of a key", () => {
  const at = (days: number) => ({ expiresAt: new Date(days * DAY_MS).toISOString(), revokedAt: null });

  it("is told in three steps before it comes", () => {
    expect([15, 14, 3, 0].map((days) => keyEnd(at(days), 0))).toEqual(["far", "soon", "now", "ended"]);
  });

  it("does not matter once the key is revoked", () => {
    expect(keyEnd({ ...at(90), revokedAt: new Date(0).toISOString() }, 0)).toBe("revoked");
  });
});
