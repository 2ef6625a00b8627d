import fc from "fast-check";
import PDFDocument from "pdfkit";
import { describe, expect, it } from "vitest";
import { cutter, printable } from "./pdf-text.ts";

const doc = new PDFDocument().font("Helvetica").fontSize(7);
const cut = cutter(doc);

describe("a text that is cut to a width", () => {
  it("is whole where its signs fit, and else as much of it as fits beside the mark", () => {
    const texts = fc.string({ unit: "binary", maxLength: 60 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 10, max: 200 }), (text, width) => {
        const shown = printable(text);
        const widthOf = (part: string) => [...part].reduce((sum, sign) => sum + doc.widthOfString(sign), 0);
        const result = cut(text, width);
        if (widthOf(shown) <= width) {
          expect(result).toBe(shown);
          return;
        }
        expect(widthOf(result)).toBeLessThanOrEqual(width + 1e-6);
        expect(result.endsWith("…")).toBe(true);
        const kept = result.slice(0, -1);
        expect(shown.startsWith(kept)).toBe(true);
        const [next = ""] = shown.slice(kept.length);
        expect(widthOf(`${kept}${next}…`)).toBeGreaterThan(width - 1e-6);
      }),
    );
  });
});
