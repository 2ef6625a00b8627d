/**
 * Differences of keyed sets: what was added, removed or changed between two maps `path → value`.
 *
 * By key and never by position: an entry that is removed is one change, whatever stood after it.
 */
import type { Measurements } from "./verdict.ts";

export const CHANGE_KINDS = ["added", "removed", "changed"] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** One difference. `null` on a side = the path is not there; an empty value is a value. */
export type Change = { path: string; kind: ChangeKind; a: string | null; b: string | null };

/** The value under a path; `null` when there is none. What a map inherits is no entry of it. */
function valueAt(set: Measurements, path: string): string | null {
  return Object.hasOwn(set, path) ? (set[path] ?? null) : null;
}

/**
 * Everything that differs between two sets, in the order of the paths' code units.
 *
 * The order depends on nothing but the paths, so equal inputs give equal answers on every machine.
 */
export function diffMeasurements(a: Measurements, b: Measurements): Change[] {
  const changes: Change[] = [];
  for (const path of Object.keys(a)) {
    const before = valueAt(a, path);
    const after = valueAt(b, path);
    if (before === after) continue;
    changes.push({ path, kind: after === null ? "removed" : "changed", a: before, b: after });
  }
  for (const path of Object.keys(b)) {
    if (!Object.hasOwn(a, path)) changes.push({ path, kind: "added", a: null, b: valueAt(b, path) });
  }
  return changes.sort((x, y) => (x.path < y.path ? -1 : +(x.path > y.path)));
}

/** The same differences seen from the other side. */
export function invertChanges(changes: readonly Change[]): Change[] {
  const inverse = { added: "removed", removed: "added", changed: "changed" } as const;
  return changes.map(({ path, kind, a, b }) => ({ path, kind: inverse[kind], a: b, b: a }));
}

/** The set that the changes make of another one: `applyChanges(a, diffMeasurements(a, b))` equals `b`. */
export function applyChanges(set: Measurements, changes: readonly Change[]): Measurements {
  const entries = new Map(Object.entries(set));
  for (const { path, b } of changes) {
    if (b === null) entries.delete(path);
    else entries.set(path, b);
  }
  return Object.fromEntries(entries);
}
