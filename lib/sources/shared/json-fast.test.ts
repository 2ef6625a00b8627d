import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson, parseScanned } from "./json.ts";
import { parseIfPlain } from "./json-fast.ts";

const LIMITS = { maxDepth: 32, maxStrings: 20_000, maxNumberChars: 32 };
const bytes = (text: string) => Buffer.from(text, "utf8");

/** What the full scan says: the value, or that it refuses. */
function judged(text: Uint8Array): { value: unknown } | "refused" {
  try {
    return { value: parseScanned(text) };
  } catch {
    return "refused";
  }
}

const fragments = fc.constantFrom(
  ...'{}[]:,"\\ \t\n'.split(""),
  ...["true", "null", "1", "-0", "1.5", "1e400", "9007199254740993", "0".repeat(40), `1.${"0".repeat(40)}`],
  ...[
    '"a"',
    '"b"',
    '"a":',
    '"b":',
    '"__proto__":',
    '"\\u0061":',
    '"\\u0000"',
    '"\\ud800"',
    '"\\ud83d\\ude00"',
  ],
  ...['"\\"', "\u0001", "\uFEFF", '{"a":1}', "[[[[", "]]]]", "é", "1e5", "e", "+", "/"],
);

describe("parseIfPlain", () => {
  it("never accepts what the full scan refuses, nor reads it as something else", () => {
    fc.assert(
      fc.property(fc.array(fragments, { maxLength: 12 }), (parts) => {
        const text = bytes(parts.join(""));
        const value = parseIfPlain(text, LIMITS);
        if (value !== undefined) expect(judged(text)).toEqual({ value });
      }),
      { numRuns: 3_000 },
    );
  });

  it("accepts the documents that senders really write, escapes and all", () => {
    const document = { schema: "x/1", node: { id: "n\n1" }, vector: [2, -1, 0.5], none: null, on: true };
    expect(parseIfPlain(bytes(JSON.stringify(document)), LIMITS)).toEqual(document);
  });

  it.each([
    ["a key that occurs twice", '{"a":1,"a":2}'],
    ["a key that occurs twice in other spelling", '{"a":1,"\\u0061":2}'],
    ["a key named __proto__", '{"__proto__":1}'],
    ["a NUL", '["\\u0000"]'],
    ["a lone surrogate", '["\\ud800"]'],
    ["a number beyond a double", "[1e400]"],
    ["an integer beyond exactness", "[9007199254740993]"],
    ["a number of many digits", `[1.${"0".repeat(40)}]`],
    ["nesting", `${"[".repeat(33)}${"]".repeat(33)}`],
    ["bytes that are no UTF-8", '["\u00ff"]', "latin1"],
  ] as const)("leaves %s to the full scan", (_, text, encoding: BufferEncoding = "utf8") => {
    const input = Buffer.from(text, encoding);
    expect(parseIfPlain(input, LIMITS)).toBeUndefined();
    expect(() => parseJson(input)).toThrow();
  });

  it("leaves too many strings to the full scan", () => {
    expect(parseIfPlain(bytes('["a","b","c"]'), { ...LIMITS, maxStrings: 2 })).toBeUndefined();
  });
});
