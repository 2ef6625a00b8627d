/** How a measurement set differs from what a version of a baseline expects. */
import type { BaselineContent } from "./baseline.ts";
import type { ChangeKind } from "./diff-measurements.ts";
import type { Measurements } from "./verdict.ts";

/** One difference. */
export type Difference = {
  path: string;
  kind: ChangeKind;
  /** Accepted values; empty for an addition. */
  expected: readonly string[];
  /** `null` = the evidence has no such entry. */
  actual: string | null;
};

/** Whether a path is one that a version does not compare. Given by the caller: this module has no RE2. */
export type PathMatch = (path: string) => boolean;

/**
 * Everything in which a measurement set differs from a version, in the order of the paths' code units.
 *
 * Listed entries are compared wherever they are; what is measured and not listed is an addition only within
 * the version's scope.
 */
export function compareWithBaseline(
  content: Pick<BaselineContent, "scope" | "entries">,
  measured: Measurements,
  ignores: PathMatch,
): Difference[] {
  const { entries, scope } = content;
  const differences: Difference[] = [];
  for (const path of Object.keys(entries)) {
    const expected = entries[path] ?? [];
    const actual = Object.hasOwn(measured, path) ? (measured[path] ?? null) : null;
    if (actual !== null && expected.includes(actual)) continue;
    if (ignores(path)) continue;
    differences.push({ path, kind: actual === null ? "removed" : "changed", expected, actual });
  }
  for (const path of Object.keys(measured)) {
    if (Object.hasOwn(entries, path) || !isWithin(scope, path) || ignores(path)) continue;
    differences.push({ path, kind: "added", expected: [], actual: measured[path] ?? "" });
  }
  return differences.sort((a, b) => (a.path < b.path ? -1 : +(a.path > b.path)));
}

/** Whether a path lies below one of some prefixes: the prefix itself, or whole segments behind it. */
function isWithin(scope: readonly string[], path: string): boolean {
  return scope.some(
    (prefix) =>
      prefix === "" || path === prefix || path.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`),
  );
}

/**
 * The set that differences make of one that fits: every listed entry with its first accepted value, then
 * each difference as it was found. Comparing it again finds the same differences.
 */
export function applyDifferences(
  content: Pick<BaselineContent, "entries">,
  differences: readonly Difference[],
): Measurements {
  const set = new Map(
    Object.entries(content.entries).flatMap(([path, [first]]) =>
      first === undefined ? [] : [[path, first]],
    ),
  );
  for (const { path, actual } of differences) {
    if (actual === null) set.delete(path);
    else set.set(path, actual);
  }
  return Object.fromEntries(set);
}

/** Text whose SHA-256 names a change: equal on every node that made the same change. */
export function fingerprintText(
  baselineId: string,
  { path, kind, actual }: Pick<Difference, "path" | "kind" | "actual">,
): string {
  return JSON.stringify([baselineId, path, kind, actual]);
}
