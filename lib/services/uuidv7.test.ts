import { describe, expect, it } from "vitest";
import { uuidv7 } from "./uuidv7.ts";

describe("uuidv7", () => {
  it("has version 7, the RFC variant and the given time", () => {
    const id = uuidv7(new Date("2026-06-01T00:00:00.123Z"));
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(
      Date.parse("2026-06-01T00:00:00.123Z"),
    );
  });

  it("is in order within a millisecond and across milliseconds", () => {
    const ids = Array.from({ length: 1500 }, (_, index) =>
      uuidv7(new Date(1_000_000 + Math.floor(index / 1000))),
    );
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
