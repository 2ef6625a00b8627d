import fc from "fast-check";
import { expect, it } from "vitest";
import { isoInstant } from "./iso-instant.ts";

it("writes every instant as the platform does", () => {
  const range = { min: Date.parse("0001-01-01T00:00:00Z"), max: Date.parse("9999-12-31T23:59:59.999Z") };
  fc.assert(
    fc.property(fc.integer(range), (ms) => {
      expect(isoInstant(ms)).toBe(new Date(ms).toISOString());
    }),
  );
});
