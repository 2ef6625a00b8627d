/** Whether a set of measurements is what a baseline version expects. Pure. */
import { type BaselineContent, STRICT, type ToleranceEffect } from "./baseline.ts";
import { valuesAt } from "./baseline-diff.ts";
import type { ChangeKind } from "./diff-measurements.ts";
import { type Layer, layerOf } from "./layers.ts";
import type { Measurements } from "./verdict.ts";

/** One path at which the evidence is not what is expected, and what that does to the node. */
export type Mismatch = {
  path: string;
  kind: ChangeKind;
  layer: Layer;
  /** Accepted values; empty = nothing was expected there. */
  expected: readonly string[];
  /** `null` = the evidence does not have it. */
  actual: string | null;
  effect: ToleranceEffect;
};

/**
 * Everything in the measurements that the version neither expects nor tolerates, by path.
 *
 * @param isIgnored whether one of the version's patterns matches the whole path
 */
export function mismatches(
  content: BaselineContent,
  measurements: Measurements,
  isIgnored: (path: string) => boolean,
): Mismatch[] {
  const found: Mismatch[] = [];
  const add = (path: string, kind: ChangeKind, expected: readonly string[], actual: string | null) => {
    const layer = layerOf(path);
    const tolerance = content.tolerances[layer] ?? STRICT;
    if (kind !== "changed" && tolerance[kind] === "tolerated") return;
    if (kind === "changed" && tolerance.values === "newer" && isUpgrade(actual ?? "", expected)) return;
    if (isIgnored(path)) return;
    found.push({ path, kind, layer, expected, actual, effect: tolerance.unexplained });
  };
  for (const path of Object.keys(content.entries)) {
    const expected = valuesAt(content, path) ?? [];
    const actual = Object.hasOwn(measurements, path) ? (measurements[path] ?? null) : null;
    if (actual === null) add(path, "removed", expected, null);
    else if (!expected.includes(actual)) add(path, "changed", expected, actual);
  }
  for (const path of Object.keys(measurements)) {
    if (valuesAt(content, path) !== null || !isInScope(content, path)) continue;
    add(path, "added", [], measurements[path] ?? null);
  }
  return found.sort((x, y) => (x.path < y.path ? -1 : +(x.path > y.path)));
}

/** Whether the version speaks for everything that is measured there. */
export function isInScope({ scope }: Pick<BaselineContent, "scope">, path: string): boolean {
  return scope.some((prefix) => path.startsWith(prefix));
}

/** Whether there is anything in the measurements that the version says something about. */
export function isCovered(content: BaselineContent, measurements: Measurements): boolean {
  return Object.keys(measurements).some(
    (path) => valuesAt(content, path) !== null || isInScope(content, path),
  );
}

const EFFECT_RANK: Readonly<Record<ToleranceEffect, number>> = { note: 0, degrade: 1, fail: 2 };

/** The worst of some effects; `null` = there is none. */
export function worstEffect(effects: readonly ToleranceEffect[]): ToleranceEffect | null {
  return effects.reduce<ToleranceEffect | null>(
    (worst, effect) => (worst === null || EFFECT_RANK[effect] > EFFECT_RANK[worst] ? effect : worst),
    null,
  );
}

/** Whether a value is a version that is not lower than one of the accepted ones. */
function isUpgrade(actual: string, accepted: readonly string[]): boolean {
  return accepted.some((value) => {
    const [a, b] = [versionOf(actual), versionOf(value)];
    return a !== null && b !== null && a.rest === b.rest && compareNumbers(a.numbers, b.numbers) >= 0;
  });
}

/** Numbers of a dotted version and what follows them; `null` for what is none, such as a digest. */
function versionOf(text: string): { numbers: bigint[]; rest: string } | null {
  const match = /^v?(\d{1,9}(?:[.-]\d{1,9}){1,7})(?![0-9a-zA-Z])(.{0,64})$/.exec(text);
  return match ? { numbers: (match[1] ?? "").split(/[.-]/).map(BigInt), rest: match[2] ?? "" } : null;
}

function compareNumbers(a: readonly bigint[], b: readonly bigint[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [x, y] = [a[index] ?? 0n, b[index] ?? 0n];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}
