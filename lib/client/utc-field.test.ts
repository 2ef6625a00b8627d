import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fieldOfInstant, instantOfField } from "./utc-field.ts";

describe("a date field", () => {
  it("gives back the minute that it was filled with, wherever the browser is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (atMs) => {
        const minute = Math.floor(atMs / 60_000) * 60_000;
        expect(instantOfField(fieldOfInstant(atMs))).toBe(new Date(minute).toISOString());
      }),
    );
  });

  it("that holds no instant gives none", () => {
    for (const text of ["", "soon", "2026-13-01T00:00"]) expect(instantOfField(text)).toBe(null);
  });
});
