/** Cells of a CSV file that no spreadsheet takes for a formula. */

/** Signs that begin a formula somewhere, full-width ones included, and characters that are trimmed before one. */
const FORMULA = /^[\s\0]*[=+\-@|%＝＋－＠]|^[\t\r\n\0]/;

/** The text with an apostrophe before what would calculate; it shows as text and does nothing. */
export function neutralText(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** A cell of RFC 4180, always quoted: neither separators nor line ends can leave it. */
export function csvCell(value: string | number | null): string {
  if (typeof value === "number") return String(value);
  return value === null ? "" : `"${neutralText(value).replaceAll('"', '""')}"`;
}
