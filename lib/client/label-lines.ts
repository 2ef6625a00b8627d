/** Labels as people write them: one `name=value` per line. */

/** The text of some labels. */
export function labelLines(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");
}

/** The labels of a text; `null` when a line is none. The server judges names and values. */
export function readLabelLines(text: string): Record<string, string> | null {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const labels = new Map<string, string>();
  for (const line of lines) {
    const equals = line.indexOf("=");
    const name = line.slice(0, equals).trim();
    const value = line.slice(equals + 1).trim();
    if (equals < 1 || value === "" || labels.has(name)) return null;
    labels.set(name, value);
  }
  return Object.fromEntries(labels);
}
