import { expect, test } from "vitest";
import { topOf } from "./trend-rows.ts";

const ROWS = [
  { atMs: 0, values: {} },
  { atMs: 1, values: { a: 3, b: 4 } },
  { atMs: 2, values: { a: 5, b: null } },
];

test("the full height stands for the highest sum at one instant, or the highest value of one series", () => {
  expect(topOf(ROWS, [{ key: "a" }, { key: "b" }])).toBe(7);
  expect(topOf(ROWS, [{ key: "a" }])).toBe(5);
});

test("nothing at all still has a height, so that a flat line is at the bottom", () => {
  expect(topOf([], [{ key: "a" }])).toBe(1);
  expect(topOf(ROWS, [{ key: "c" }])).toBe(1);
});
