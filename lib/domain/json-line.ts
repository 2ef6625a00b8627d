/** Line ends to Unicode, and to readers that go by it, which JSON leaves as they are. */
const LINE_ENDS = /[\u0085\u2028\u2029]/g;

/** JSON, with what some reader takes for the end of a line written as an escape: in JSON such signs stand in texts only. */
export function withoutLineEnds(json: string): string {
  return json.replace(LINE_ENDS, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A value as one line of JSON to whoever reads it. What is read back is the same. */
export function jsonLine(value: unknown): string {
  return `${withoutLineEnds(JSON.stringify(value))}\n`;
}
