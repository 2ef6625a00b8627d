import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvCell, neutralText } from "./neutral-cell.ts";

describe("cells of an export", () => {
  it.each([
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "\0=1",
    "＝1",
    "＋1",
    "－1",
    "＠A",
    "|calc",
    "\n=1",
    "%0A=1",
  ])("never begin as a formula: %j", (text) => {
    expect(neutralText(text)).toBe(`'${text}`);
  });

  it("leave plain text as it is", () => {
    for (const text of ["source.create", "a=b", "192.0.2.1", "{}", ""]) expect(neutralText(text)).toBe(text);
  });

  it("give back what they were made of", () => {
    fc.assert(
      // By chance alone hardly any text would hold what ends a cell.
      fc.property(fc.string({ unit: fc.constantFrom('"', ",", "\r", "\n", "=", "a", "ü") }), (text) => {
        const cell = csvCell(text);
        const inner = cell.slice(1, -1);
        expect(inner.replaceAll('""', "")).not.toContain('"');
        expect(inner.replaceAll('""', '"').replace(/^'/, "")).toBe(text.replace(/^'/, ""));
      }),
    );
  });
});
