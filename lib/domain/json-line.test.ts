import fc from "fast-check";
import { expect, it } from "vitest";
import { jsonLine } from "./json-line.ts";

/** As readers do that take every line end of Unicode for one. */
const lines = (text: string) => text.split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/);

it("any value is one line to any reader, and reads back the same", () => {
  const text = fc
    .array(fc.constantFrom("a", "\u0085", "\u2028", "\u2029", "\n", "\r", "\v", "\\", '"'))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.dictionary(text, fc.oneof(text, fc.jsonValue())), (value) => {
      const line = jsonLine(value);
      expect(lines(line)).toEqual([line.slice(0, -1), ""]);
      expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
