import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  displayText,
  formatAge,
  formatDuration,
  formatInstant,
  formatPlural,
  formatShare,
  middleEllipsis,
} from "./format.ts";

describe("formatInstant", () => {
  test("UTC is absolute, to the second, with Z", () => {
    expect(formatInstant("2026-11-21T10:02:07.481Z", { mode: "utc" })).toBe("2026-11-21 10:02:07Z");
    expect(formatInstant("2026-11-21T11:02:07+01:00", { mode: "utc" })).toBe("2026-11-21 10:02:07Z");
  });

  test("local text with its offset is the same instant", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), (date) => {
        const shown = formatInstant(date.toISOString(), { mode: "local" }).replace(" ", "T");
        expect(Date.parse(shown)).toBe(Math.floor(date.getTime() / 1_000) * 1_000);
      }),
    );
  });

  test("text that is no instant comes back unchanged", () => {
    expect(formatInstant("yesterday", { mode: "utc" })).toBe("yesterday");
  });
});

test("an age has one unit and never runs backwards", () => {
  const from = "2026-11-21T10:00:00.000Z";
  const at = (ms: number) => formatAge(from, Date.parse(from) + ms);
  expect([
    at(-5_000),
    at(9_000),
    at(59_999),
    at(60_000),
    at(3_599_999),
    at(3_600_000),
    at(86_400_000 * 12),
  ]).toEqual(["0 s", "9 s", "59 s", "1 m", "59 m", "1 h", "12 d"]);
  expect(formatAge("never", 0)).toBe("–");
});

test("a duration has at most two units", () => {
  expect(
    [250, 9_000, 60_000, 61_000, 7_500_000, 90_000_000, Number.POSITIVE_INFINITY].map(formatDuration),
  ).toEqual(["250 ms", "9 s", "1 m", "1 m 1 s", "2 h 5 m", "1 d 1 h", "–"]);
});

test("a share never rounds to a whole that it is not", () => {
  expect([0, 0.0002, 0.5, 0.9921, 0.9999, 1].map(formatShare)).toEqual([
    "0 %",
    "<0.1 %",
    "50 %",
    "99.2 %",
    ">99.9 %",
    "100 %",
  ]);
});

test("one of a thing is not many", () => {
  expect([formatPlural(0, "node"), formatPlural(1, "node"), formatPlural(12_431, "node")]).toEqual([
    "0 nodes",
    "1 node",
    "12,431 nodes",
  ]);
});

describe("middleEllipsis", () => {
  test("keeps both ends", () => {
    expect(middleEllipsis("c2519937-4f1a-4d2e-9f6c-37c597d08aaa", 13)).toBe("c25199…d08aaa");
  });

  test("is never longer than asked and splits no character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 40 }), (text, max) => {
        const short = middleEllipsis(text, max);
        expect([...short].length).toBeLessThanOrEqual(max);
        expect(short.isWellFormed()).toBe(text.isWellFormed());
      }),
    );
  });
});

describe("displayText", () => {
  test("shows what hides or reorders", () => {
    expect(displayText("rack\u202Egnp.exe")).toEqual({ text: "rack\\u{202E}gnp.exe", hostile: true });
    expect(displayText("a\u200Bb\u0000c\u{E0041}\uD800")).toEqual({
      text: "a\\u{200B}b\\u{0000}c\\u{E0041}\\u{D800}",
      hostile: true,
    });
  });

  test("leaves names of all scripts alone", () => {
    for (const name of ["rack7-03", "узел-3", "节点-12", "عقدة", "Ærø № 5", "🖥"]) {
      expect(displayText(name)).toEqual({ text: name, hostile: false });
    }
  });

  test("whatever comes in, nothing unseen comes out, and it says so exactly then", () => {
    const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
    const hostile = fc.constantFrom(
      "\u202E",
      "\u2066",
      "\u200D",
      "\uFEFF",
      "\u0007",
      "\u0085",
      "\u2028",
      "\uDC00",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: "binary" }), hostile)), (parts) => {
        const text = parts.join("");
        const shown = displayText(text);
        expect(unseen.test(shown.text)).toBe(false);
        expect(shown.hostile).toBe(shown.text !== text);
        expect(displayText(shown.text)).toEqual({ text: shown.text, hostile: false });
      }),
      { numRuns: 500 },
    );
  });
});
