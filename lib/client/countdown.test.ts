import { expect, it } from "vitest";
import { countdownWords } from "./countdown.ts";

it.each([
  [500, "less than a second"],
  [59_900, "59 s"],
  [119_999, "1 m 59 s"],
  [120_000, "2 m"],
  [179_999, "2 m"],
  [3_600_000, "1 h"],
  [3_599_999, "59 m"],
  [90_061_000, "1 d 1 h"],
])("%i ms read %s", (leftMs, words) => {
  expect(countdownWords(leftMs)).toBe(words);
});
