import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonError, MAX_DEPTH, MAX_STRINGS, parseJson } from "./json.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("parseJson", () => {
  it.each([
    ["nesting beyond the limit", "[".repeat(MAX_DEPTH + 1) + "]".repeat(MAX_DEPTH + 1), "nesting"],
    ["more strings than the limit", JSON.stringify(Array(MAX_STRINGS + 1).fill("")), "strings"],
    ["a key that occurs twice", '{"a":1,"a":2}', "twice"],
    ["a key that occurs twice under an escape", '{"a":1,"\\u0061":2}', "twice"],
    ["a key named __proto__", '{"__proto__":{}}', "__proto__"],
    ["a key that spells __proto__ with escapes", '{"\\u005f_proto__":{}}', "__proto__"],
    ["an escaped NUL", '["\\u0000"]', "NUL"],
    ["a lone high surrogate", '["\\ud83d"]', "surrogate"],
    ["a lone low surrogate in a key", '{"\\ude00":1}', "surrogate"],
    ["text after the document", "{} {}", "after the document"],
    ["a second document", "1 2", "after the document"],
    ["a byte order mark", "\ufeff{}", "missing"],
    ["a number beyond a double", "1e400", "too large"],
    ["a number with many digits", `0.${"1".repeat(31)}`, "too long"],
    ["an integer that a double rounds", "9007199254740993", "exactly"],
    ["a rounded integer with exponent", "1e17", "exactly"],
    ["a trailing comma", "[1,]", "missing"],
    ["a leading zero", "01", "after the document"],
    ["a comment", "/**/1", "missing"],
    ["a bare control character", '"\n"', "control"],
    ["an unknown escape", '"\\x41"', "escape"],
    ["a mismatched bracket", "[1}", "missing"],
    ["nothing", "", "missing"],
    ["an unfinished string", '"abc', "does not end"],
  ])("refuses %s", (_, text, word) => {
    expect(() => parseJson(bytes(text))).toThrow(JsonError);
    expect(() => parseJson(text)).toThrow(word);
  });

  it("refuses bytes that are not UTF-8", () => {
    expect(() => parseJson(Uint8Array.of(0x22, 0xc3, 0x28, 0x22))).toThrow("UTF-8");
    expect(() => parseJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))).toThrow(JsonError);
  });

  it("refuses a text with a lone surrogate", () => {
    expect(() => parseJson('"\ud800"')).toThrow("surrogate");
  });

  it("accepts documents right at the limits", () => {
    const deepest = "[".repeat(MAX_DEPTH) + "]".repeat(MAX_DEPTH);
    expect(parseJson(deepest)).toEqual(JSON.parse(deepest));
    expect(parseJson(JSON.stringify(Array(MAX_STRINGS).fill("")))).toHaveLength(MAX_STRINGS);
    expect(parseJson(String(Number.MAX_SAFE_INTEGER))).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseJson("1.666529184e+09")).toBe(1_666_529_184);
  });

  it("raises the number of strings when asked to", () => {
    const text = JSON.stringify(Array(MAX_STRINGS + 1).fill(""));
    expect(parseJson(text, { maxStrings: MAX_STRINGS + 1 })).toHaveLength(MAX_STRINGS + 1);
  });

  it("keeps large integers as text when asked to, digit by digit", () => {
    const serial = "71906672046699268666356441515514540742724395900";
    const text = `{"serial": ${serial}, "n": -9007199254740993, "small": 7, "list": [${serial},1]}`;
    expect(parseJson(text, { integers: "text" })).toEqual({
      serial,
      n: "-9007199254740993",
      small: 7,
      list: [serial, 1],
    });
    expect(() => parseJson("1".repeat(65), { integers: "text" })).toThrow("too long");
    expect(() => parseJson(`${"1".repeat(33)}.5`, { integers: "text" })).toThrow("too long");
  });

  it("finishes quickly on a million opening brackets", () => {
    const started = performance.now();
    expect(() => parseJson("[".repeat(1_000_000))).toThrow("nesting");
    expect(() => parseJson('{"a":'.repeat(200_000))).toThrow("nesting");
    expect(performance.now() - started).toBeLessThan(500);
  });

  it("agrees with JSON.parse on whatever it accepts", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        let value: unknown;
        try {
          value = parseJson(bytes(text));
        } catch (error) {
          expect(error).toBeInstanceOf(JsonError);
          return;
        }
        expect(value).toEqual(JSON.parse(text));
      }),
    );
  });

  it("accepts every ordinary document", () => {
    const ordinary = fc.jsonValue({ maxDepth: 4, noUnicodeString: false }).filter((value) => {
      const text = JSON.stringify(value);
      return !/__proto__|\\u0000|\\ud[89a-f]/i.test(text) && !/\d{16}|e\+/.test(text);
    });
    fc.assert(
      fc.property(ordinary, (value) => {
        const text = JSON.stringify(value);
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("throws nothing but JsonError, and accepts nothing that JSON.parse refuses", () => {
    const fragment = fc.constantFrom(
      '"',
      "\\",
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "1",
      "-",
      "e",
      ".",
      "null",
      "\\u00",
      "a",
      " ",
      "\n",
    );
    const almostJson = fc.array(fragment, { maxLength: 24 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(almostJson, fc.string({ unit: "binary" })), (text) => {
        try {
          expect(parseJson(text)).toEqual(JSON.parse(text));
        } catch (error) {
          expect(error).toBeInstanceOf(JsonError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
