import fc from "fast-check";
import { expect, it } from "vitest";
import { daysBetween, firingName, firingRows } from "./firing-rows.ts";

it("Has every day that the stretch touches, once and in order", () => {
  expect(daysBetween("2026-02-27T23:59:59.999Z", "2026-03-01T00:00:00Z")).toEqual([
    "2026-02-27",
    "2026-02-28",
    "2026-03-01",
  ]);
  const at = fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true });
  fc.assert(
    fc.property(at, fc.nat({ max: 366 * 86_400_000 }), (from, ms) => {
      const days = daysBetween(from.toISOString(), new Date(from.getTime() + ms).toISOString());
      expect(days[0]).toBe(from.toISOString().slice(0, 10));
      expect([...new Set(days)].sort()).toEqual(days);
      expect(days.length).toBeGreaterThanOrEqual(Math.ceil(ms / 86_400_000));
    }),
  );
});

it("Loses no firing of the days, and has a value for every rule on every day", () => {
  const days = ["2026-03-01", "2026-03-02", "2026-03-03"];
  const rules = [
    { policyVersion: "p@1", ruleId: "a", days: [{ day: "2026-03-02", fired: 4 }] },
    { policyVersion: "p@2", ruleId: "a", days: [] },
  ];
  expect(firingRows(rules, days).map(({ values }) => values)).toEqual([
    { "a p@1": 0, "a p@2": 0 },
    { "a p@1": 4, "a p@2": 0 },
    { "a p@1": 0, "a p@2": 0 },
  ]);
});

it("Names a rule by its id, and with its policy where another policy has the same id", () => {
  const rules = [
    { policyVersion: "p@1", ruleId: "a" },
    { policyVersion: "p@2", ruleId: "a" },
    { policyVersion: "p@1", ruleId: "b" },
  ];
  expect(rules.map((rule) => firingName(rule, rules))).toEqual(["a (p@1)", "a (p@2)", "b"]);
});
