/** What differs between two versions of a baseline. Pure. */
import { type BaselineContent, STRICT, type Tolerance } from "./baseline.ts";
import type { ChangeKind } from "./diff-measurements.ts";
import { LAYERS, type Layer, layerOf } from "./layers.ts";

/** One entry that is not the same. `null` = the version does not list the path. */
export type EntryChange = {
  path: string;
  layer: Layer;
  kind: ChangeKind;
  a: readonly string[] | null;
  b: readonly string[] | null;
};

export type ToleranceChange = { layer: Layer; a: Tolerance; b: Tolerance };
export type ListChange = { added: readonly string[]; removed: readonly string[] };

export type ContentDiff = {
  /** By layer, then by path. */
  entries: readonly EntryChange[];
  scope: ListChange;
  ignore: ListChange;
  /** Layers for which something else holds; a layer about which nothing is said is strict. */
  tolerances: readonly ToleranceChange[];
};

/** Everything that version `b` says otherwise than version `a`. */
export function diffContents(a: BaselineContent, b: BaselineContent): ContentDiff {
  const paths = new Set([...Object.keys(a.entries), ...Object.keys(b.entries)]);
  const entries: EntryChange[] = [];
  for (const path of paths) {
    const [before, after] = [valuesAt(a, path), valuesAt(b, path)];
    if (before && after && sameValues(before, after)) continue;
    const kind = before === null ? "added" : after === null ? "removed" : "changed";
    entries.push({ path, layer: layerOf(path), kind, a: before, b: after });
  }
  return {
    entries: entries.sort(byLayerAndPath),
    scope: listChange(a.scope, b.scope),
    ignore: listChange(a.ignore, b.ignore),
    tolerances: LAYERS.flatMap((layer): ToleranceChange[] => {
      const [before, after] = [a.tolerances[layer] ?? STRICT, b.tolerances[layer] ?? STRICT];
      return sameTolerance(before, after) ? [] : [{ layer, a: before, b: after }];
    }),
  };
}

/** Whether there is any difference at all. */
export function isSameContent({ entries, scope, ignore, tolerances }: ContentDiff): boolean {
  const lists = [entries, tolerances, scope.added, scope.removed, ignore.added, ignore.removed];
  return lists.every(({ length }) => length === 0);
}

/** Accepted values of a path; `null` when it is not listed. What an object inherits is no entry. */
function valuesAt({ entries }: BaselineContent, path: string): readonly string[] | null {
  return Object.hasOwn(entries, path) ? (entries[path] ?? null) : null;
}

function sameValues(a: readonly string[], b: readonly string[]): boolean {
  const known = new Set(a);
  return known.size === new Set(b).size && b.every((value) => known.has(value));
}

const sameTolerance = (a: Tolerance, b: Tolerance) =>
  a.unexplained === b.unexplained && a.added === b.added && a.removed === b.removed && a.values === b.values;

function listChange(a: readonly string[], b: readonly string[]): ListChange {
  const [before, after] = [new Set(a), new Set(b)];
  return {
    added: [...after].filter((text) => !before.has(text)).sort(),
    removed: [...before].filter((text) => !after.has(text)).sort(),
  };
}

function byLayerAndPath(x: EntryChange, y: EntryChange): number {
  return LAYERS.indexOf(x.layer) - LAYERS.indexOf(y.layer) || (x.path < y.path ? -1 : +(x.path > y.path));
}
