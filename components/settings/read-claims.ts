/** Claims as people type them: one `name=text` a line. */

/** @returns `null` when a line is no claim, or a name is there twice */
export function claimsOf(text: string): Record<string, string> | null {
  const claims = new Map<string, string>();
  for (const line of text.split("\n").map((each) => each.trim())) {
    if (line === "") continue;
    const at = line.indexOf("=");
    const [name, value] = [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    if (at < 1 || name === "" || value === "" || claims.has(name)) return null;
    claims.set(name, value);
  }
  return Object.fromEntries(claims);
}
