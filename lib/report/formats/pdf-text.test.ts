import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { faceOf } from "./pdf-fonts.ts";
import { cutTo, printable, runsOf, widthOf } from "./pdf-text.ts";

const SIZE = 7;
const textOf = (runs: ReturnType<typeof runsOf>) => runs.map(({ text }) => text).join("");
const width = (runs: ReturnType<typeof runsOf>) => runs.reduce((sum, run) => sum + widthOf(run, SIZE), 0);

describe("a text that is cut to a width", () => {
  it("is whole where its signs fit, and else as much of it as fits beside the mark", () => {
    const units = fc.oneof(fc.string({ unit: "binary", maxLength: 1 }), fc.constantFrom(..."aΩж中é…"));
    const texts = fc.array(units, { maxLength: 60 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 10, max: 200 }), (signs, most) => {
        const text = signs.join("");
        const whole = runsOf("body", text);
        const result = cutTo("body", SIZE, text, most);
        if (width(whole) <= most) {
          expect(result).toEqual(whole);
          return;
        }
        expect(width(result)).toBeLessThanOrEqual(most + 1e-6);
        expect(textOf(result).endsWith("…")).toBe(true);
        const kept = textOf(result).slice(0, -1);
        expect(textOf(whole).startsWith(kept)).toBe(true);
        const shorter = [...text.toWellFormed()].map((sign) => textOf(runsOf("body", sign)));
        const taken = shorter.findIndex((_, at) => shorter.slice(0, at).join("") === kept);
        const next = runsOf("body", [...text.toWellFormed()].slice(0, taken + 1).join(""));
        expect(width(next) + width(runsOf("body", "…"))).toBeGreaterThan(most - 1e-6);
      }),
    );
  });
});

describe("what is written as it is", () => {
  it.each([
    ["Latin", "Žižkov, naïve, ẞ", ["body"]],
    ["Greek and Cyrillic", "Αθήνα Київ", ["body"]],
    ["Chinese, Japanese and Korean", "名前 节点 서버", ["other", "body", "other", "body", "other"]],
    ["a face", "😀", ["body"]],
  ])("%s", (_, text, faces) => {
    const runs = runsOf("body", text);
    expect(textOf(runs)).toBe(text);
    expect(runs.map(({ face }) => face.name)).toEqual(faces);
  });

  it("is in bold where bold is wanted, as far as there is a bold font", () => {
    expect(runsOf("bold", "aж名").map(({ face }) => face.name)).toEqual(["bold", "other"]);
  });

  it("has a glyph for each sign that stands for no other, in each font", () => {
    for (const name of ["body", "bold", "other"] as const) {
      const { font } = faceOf(name);
      const ids = font.characterSet.map((code) => font.glyphForCodePoint(code).id);
      expect(new Set(ids).size, name).toBe(ids.length);
    }
  });
});

describe("what is written as its number", () => {
  it.each([
    ["a sign that no font has", "🦊", "\\u{1f98a}"],
    ["half of a sign", "a\ud83e", "a\ufffd"],
    ["what turns the order of reading", "\u202egnp.exe", "\\u{202e}gnp.exe"],
    ["what is read from right to left", "אבג", "\\u{5d0}\\u{5d1}\\u{5d2}"],
    ["what cannot be seen", "a\u200bb\u3164c\u2800", "a\\u{200b}b\\u{3164}c\\u{2800}"],
    ["a mark over what is before it", "ok\u0336", "ok\\u{336}"],
    ["the end of a line, and what is no sign", "a\r\n\u0000\ufffe", "a\\u{d}\\u{a}\\u{0}\\u{fffe}"],
    ["what is private", "\ue000", "\\u{e000}"],
    ["a space that is no space", "a\u00a0b", "a\\u{a0}b"],
  ])("%s", (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("is nothing that the fonts lack, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        for (const { face, text: run } of runsOf("bold", text))
          for (const sign of run) expect(face.has(sign.codePointAt(0) ?? 0)).toBe(true);
      }),
    );
  });

  it("ends somewhere, with a mark", () => {
    expect(printable("a".repeat(9_000))).toBe(`${"a".repeat(4_001)}…`);
  });
});
