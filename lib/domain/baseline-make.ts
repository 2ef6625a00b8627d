/** Making a content from what nodes say today: one golden node, or the most common state of a cohort. Pure. */
import type { BaselineContent } from "./baseline.ts";
import type { Measurements } from "./verdict.ts";

/** A path that a cohort disagrees on, or that did not make it into the content. */
export type CohortPath = {
  path: string;
  /** The most common value; `null` = most nodes do not have the path. */
  value: string | null;
  /** Nodes that have this value, or lack the path. */
  nodes: number;
  /** Share of the cohort, 0 to 1. */
  share: number;
  /** Ids of the nodes that differ. */
  differing: readonly string[];
  /** Why it is left out of the content; `null` = it is in. */
  leftOut: "rare" | "too-varied" | null;
};

export type CohortState = {
  content: BaselineContent;
  /** Nodes that the state was made of. */
  nodes: number;
  /** Paths on which not all nodes agree, the most disputed first. */
  disputed: readonly CohortPath[];
  /** Nodes that differ from the content in at least one path. */
  outliers: readonly string[];
};

/** The least share of a cohort that makes a value common, 0 to 1; below it the cohort has no common state there. */
export const COMMON_SHARE = 0.5;

const EXACT: Omit<BaselineContent, "entries"> = { scope: [], ignore: [], tolerances: {} };

/** Exactly what one node says. Nothing is complete: what a later version of a verifier adds is no drift. */
export function contentOfNode(measurements: Measurements): BaselineContent {
  const entries = sortedPaths(measurements).map((path) => [path, [measurements[path] ?? ""]] as const);
  return { ...EXACT, entries: Object.fromEntries(entries) };
}

/**
 * The most common state of some nodes.
 *
 * Per path the value that most nodes have, when more than half of all nodes have it. A path that most
 * nodes lack is left out as rare, one without a majority as too varied; both are told, never dropped in
 * silence. Of equally common values the smaller text wins, so the answer does not depend on the order.
 *
 * @param nodes each once
 */
export function commonState(nodes: readonly { id: string; measurements: Measurements }[]): CohortState {
  const byPath = new Map<string, Map<string, string[]>>();
  for (const { id, measurements } of nodes) {
    for (const [path, value] of Object.entries(measurements)) {
      const values = byPath.get(path) ?? new Map<string, string[]>();
      byPath.set(path, values);
      const holders = values.get(value) ?? [];
      values.set(value, holders);
      holders.push(id);
    }
  }
  const entries: [string, string[]][] = [];
  const disputed: CohortPath[] = [];
  const outliers = new Set<string>();
  for (const path of [...byPath.keys()].sort()) {
    const state = pathState(path, byPath.get(path) ?? new Map(), nodes);
    if (state.leftOut === null) {
      entries.push([path, [state.value ?? ""]]);
      for (const id of state.differing) outliers.add(id);
    }
    if (state.differing.length > 0) disputed.push(state);
  }
  return {
    content: { ...EXACT, entries: Object.fromEntries(entries) },
    nodes: nodes.length,
    disputed: disputed.sort((a, b) => a.share - b.share || (a.path < b.path ? -1 : 1)),
    outliers: [...outliers].sort(),
  };
}

function pathState(
  path: string,
  values: ReadonlyMap<string, readonly string[]>,
  nodes: readonly { id: string }[],
): CohortPath {
  const ranked = [...values].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
  const [common = ["", []] as const] = ranked;
  const holders = ranked.reduce((sum, [, ids]) => sum + ids.length, 0);
  const lacking = nodes.length - holders;
  const isRare = lacking * 2 >= nodes.length;
  const share = (count: number) => count / nodes.length;
  if (isRare) {
    const differing = ranked.flatMap(([, ids]) => ids).sort();
    return { path, value: null, nodes: lacking, share: share(lacking), differing, leftOut: "rare" };
  }
  const [value, ids] = common;
  const have = new Set(ids);
  return {
    path,
    value,
    nodes: ids.length,
    share: share(ids.length),
    differing: nodes.flatMap(({ id }) => (have.has(id) ? [] : [id])).sort(),
    leftOut: share(ids.length) > COMMON_SHARE ? null : "too-varied",
  };
}

const sortedPaths = (measurements: Measurements): string[] => Object.keys(measurements).sort();
