import { expect, it } from "vitest";
import { observedFacts } from "./step-words.ts";

it("shows what was read back name by name, and tells nothing read from nothing found", () => {
  expect(observedFacts(null)).toBeNull();
  expect(observedFacts({})).toEqual([]);
  expect(observedFacts({ banned: true, taint: "touchstone.dev/quarantine" })).toEqual([
    { name: "banned", value: "true" },
    { name: "taint", value: "touchstone.dev/quarantine" },
  ]);
  expect(observedFacts("gone")).toEqual([{ name: "observed", value: "gone" }]);
  expect(observedFacts([1, 2])).toEqual([{ name: "observed", value: "[1,2]" }]);
});

it("keeps a large answer of a target within bounds", () => {
  const large = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`k${at}`, "x".repeat(1_000)]));
  const facts = observedFacts(large) ?? [];
  expect(facts).toHaveLength(8);
  expect(facts.every(({ value }) => value.length <= 121)).toBe(true);
});
