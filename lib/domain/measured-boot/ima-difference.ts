/** What two IMA logs say differently, by path: the order in which files are used is different every time. */
import { hexOf } from "./bytes.ts";
import type { ImaEntry } from "./ima-log.ts";

export type ImaChange = {
  path: string;
  kind: "added" | "removed" | "changed";
  /** Every content that was measured under the path, as `sha256:<hex>`, in the order of the log. */
  a: string[];
  b: string[];
};

/**
 * Only what was measured counts: a path that one log holds twice with the same digest is no change.
 * A removed path means that the file was not used (yet); the younger a log, the shorter it is.
 */
export function explainImaDifference(a: readonly ImaEntry[], b: readonly ImaEntry[]): ImaChange[] {
  const [before, after] = [contentsByPath(a), contentsByPath(b)];
  const changes: ImaChange[] = [];
  for (const [path, contents] of before) {
    const now = after.get(path);
    if (now === undefined) changes.push({ path, kind: "removed", a: [...contents], b: [] });
    else if (!isEqual(contents, now)) changes.push({ path, kind: "changed", a: [...contents], b: [...now] });
  }
  for (const [path, contents] of after) {
    if (!before.has(path)) changes.push({ path, kind: "added", a: [], b: [...contents] });
  }
  return changes.sort((x, y) => (x.path < y.path ? -1 : +(x.path > y.path)));
}

function contentsByPath(entries: readonly ImaEntry[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { path, algorithm, digest, isViolation } of entries) {
    const content = isViolation ? "violation" : `${algorithm}:${hexOf(digest)}`;
    const known = found.get(path);
    if (known) known.add(content);
    else found.set(path, new Set([content]));
  }
  return found;
}

function isEqual(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((value) => b.has(value));
}
