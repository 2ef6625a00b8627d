/**
 * Where the nodes stand with baselines, and what would move if others held. Pure.
 *
 * This judges what nodes say now, for people who are about to decide; history is judged by the drift
 * engine.
 */
import type { BaselineContent, SelectorNode, ToleranceEffect } from "./baseline.ts";
import { type BaselineCourse, type SelectorMatch, speaksAbout, versionsFor } from "./baseline-course.ts";
import { isCovered, type Mismatch, mismatches, worstEffect } from "./baseline-match.ts";
import type { LaneState } from "./trust-status.ts";
import type { Measurements } from "./verdict.ts";

/** What a lane says now; lanes with the same digest share one map. */
export type StandingLane = { sourceId: string; submod: string; digest: string; measurements: Measurements };

export type StandingNode = {
  node: SelectorNode;
  /** See `shareOf`. */
  share: number;
  /** What its verifiers alone make of it. */
  base: LaneState;
  /** Those with measurements. */
  lanes: readonly StandingLane[];
};

/** What judging needs of packages. */
export type StandingTools = {
  matches: SelectorMatch;
  /** Whether one of the patterns matches a whole path. */
  ignores: (patterns: readonly string[]) => (path: string) => boolean;
};

/** Finds the differences of a lane and a content once, however many nodes say the same. */
export type Compare = (content: BaselineContent, lane: StandingLane) => Compared;
type Compared = { covered: boolean; found: readonly Mismatch[] };

export function makeCompare({ ignores }: StandingTools): Compare {
  const known = new Map<BaselineContent, Map<string, Compared>>();
  return (content, lane) => {
    const byDigest = known.get(content) ?? new Map<string, Compared>();
    known.set(content, byDigest);
    const before = byDigest.get(lane.digest);
    if (before) return before;
    const covered = isCovered(content, lane.measurements);
    const found = covered ? mismatches(content, lane.measurements, ignores(content.ignore)) : [];
    const compared = { covered, found };
    byDigest.set(lane.digest, compared);
    return compared;
  };
}

/** How a baseline and a node get on. */
export type NodeStanding = {
  target: number | null;
  /** Some evidence of the node is about what the version in force says. */
  covered: boolean;
  /** Covered, and nothing differs from the target or from one accepted version. */
  matching: boolean;
  /** What the worst difference does; `null` = nothing. */
  effect: ToleranceEffect | null;
};

/**
 * Judge one node by one baseline at an instant; `null` when the baseline is not about it.
 *
 * A lane is right when it is exactly one of the versions in force. Otherwise it is judged by the target:
 * half of one version and half of another is no upgrade.
 */
export function standingOf(
  course: BaselineCourse,
  { node, share, lanes }: StandingNode,
  atMs: number,
  tools: StandingTools,
  compare: Compare,
): NodeStanding | null {
  if (course.selector !== "" && !tools.matches(course.selector, node)) return null;
  const { target, accepted } = versionsFor(course.rollouts, node, atMs, share, tools.matches);
  const versions = target === null ? accepted : [target, ...accepted];
  const effects: ToleranceEffect[] = [];
  let [covered, matching] = [false, true];
  for (const lane of lanes) {
    if (!speaksAbout(course, lane, node, tools.matches)) continue;
    const answers = versions.flatMap((version) => {
      const content = course.contents.get(version);
      return content ? [{ version, ...compare(content, lane) }] : [];
    });
    const about = answers.filter((answer) => answer.covered);
    if (about.length === 0) continue;
    covered = true;
    if (about.some(({ found }) => found.length === 0)) continue;
    matching = false;
    const judged = about.find(({ version }) => version === target) ?? about[0];
    for (const { effect } of judged?.found ?? []) effects.push(effect);
  }
  return { target, covered, matching: covered && matching, effect: worstEffect(effects) };
}

/** How much of some nodes one version covers and matches, whatever is in force. */
export type VersionStanding = { selected: number; covered: number; matching: number };

export function versionStanding(
  course: Pick<BaselineCourse, "selector" | "sourceId" | "submod">,
  content: BaselineContent,
  nodes: readonly StandingNode[],
  tools: StandingTools,
  compare: Compare,
): VersionStanding {
  const standing = { selected: 0, covered: 0, matching: 0 };
  for (const { node, lanes } of nodes) {
    if (course.selector !== "" && !tools.matches(course.selector, node)) continue;
    standing.selected += 1;
    const about = lanes
      .filter((lane) => speaksAbout(course, lane, node, tools.matches))
      .map((lane) => compare(content, lane))
      .filter(({ covered }) => covered);
    if (about.length === 0) continue;
    standing.covered += 1;
    if (about.every(({ found }) => found.length === 0)) standing.matching += 1;
  }
  return standing;
}

/**
 * The status that a difference leaves a node with.
 *
 * A baseline never improves a node, and it says nothing about one whose evidence is silent or missing.
 */
export function statusWith(base: LaneState, effect: ToleranceEffect | null): LaneState {
  if (base !== "trusted" && base !== "degraded") return base;
  if (effect === "fail") return "failed";
  return effect === "degrade" ? "degraded" : base;
}

export type NodeMove = { id: string; name: string; from: LaneState; to: LaneState };
export type Moves = {
  /** From × to, the most nodes first. */
  moves: readonly { from: LaneState; to: LaneState; nodes: number }[];
  nodes: readonly NodeMove[];
};

/** One side of a comparison: the baselines that hold, and when. */
export type Expectation = { courses: readonly BaselineCourse[]; atMs: number };

/** The nodes whose status is another one under `then` than under `now`, worst first. */
export function movesBetween(
  nodes: readonly StandingNode[],
  now: Expectation,
  then: Expectation,
  tools: StandingTools,
): Moves {
  const compare = makeCompare(tools);
  const status = (of: StandingNode, { courses, atMs }: Expectation) => {
    const effects = courses.flatMap((course) => standingOf(course, of, atMs, tools, compare)?.effect ?? []);
    return statusWith(of.base, worstEffect(effects));
  };
  const moved: NodeMove[] = [];
  for (const of of nodes) {
    const [from, to] = [status(of, now), status(of, then)];
    if (from !== to) moved.push({ id: of.node.id, name: of.node.name, from, to });
  }
  const matrix = new Map<string, { from: LaneState; to: LaneState; nodes: number }>();
  for (const { from, to } of moved) {
    const cell = matrix.get(`${from} ${to}`) ?? { from, to, nodes: 0 };
    matrix.set(`${from} ${to}`, { ...cell, nodes: cell.nodes + 1 });
  }
  return {
    moves: [...matrix.values()].sort((a, b) => b.nodes - a.nodes || (a.to < b.to ? -1 : 1)),
    nodes: moved.sort((a, b) => URGENCY[a.to] - URGENCY[b.to] || (a.name < b.name ? -1 : 1)),
  };
}

const URGENCY: Readonly<Record<LaneState, number>> = {
  failed: 0,
  degraded: 1,
  stale: 2,
  pending: 3,
  trusted: 4,
};
