/** How commands speak: results on stdout, everything else on stderr, one clear line on failure. */

/** A failure whose message is meant for the operator as it stands. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Print a result: one JSON document, or lines for people. */
export function print(json: boolean | undefined, document: unknown, lines: readonly string[]): void {
  if (json) process.stdout.write(`${JSON.stringify(document)}\n`);
  else for (const line of lines) process.stdout.write(`${line}\n`);
}

/** What a failure looks like from outside: its line, its code when it has one, its exit status. */
export function describeFailure(error: unknown): { detail: string; code: string | null; exitCode: number } {
  const { message, code, exitCode } = error as { message?: string; code?: unknown; exitCode?: number };
  const detail = (message || String(error)).replace(/\s*\n\s*/g, " ").trim();
  const isProblem = typeof code === "string" && code.includes("/");
  return { detail, code: isProblem ? code : null, exitCode: exitCode || 1 };
}

/** Text from elsewhere, safe on a terminal: control and direction characters are spelled out. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => {
    return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** Columns of equal width. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
