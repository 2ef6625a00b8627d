/**
 * How much of the fleet a baseline covers and matches now. Pure.
 *
 * Nodes are counted by the comparison that drift is found by; what exceptions and maintenance windows allow
 * is another question, and left to it.
 */
import type { BaselineContent, SelectorNode } from "./baseline.ts";
import {
  type BaselineCourse,
  comparedWith,
  type SelectorMatch,
  shareOf,
  speaksAbout,
  versionsFor,
} from "./baseline-course.ts";
import { assessDrift, type Version } from "./drift-classify.ts";
import type { PathMatch } from "./drift-compare.ts";
import { DEFAULT_SETTINGS } from "./drift-settings.ts";
import type { Measurements } from "./verdict.ts";

/** What a lane says now; lanes with the same digest share one map. */
export type StandingLane = { sourceId: string; submod: string; digest: string; measurements: Measurements };

export type StandingNode = {
  node: SelectorNode;
  /** Those with measurements. */
  lanes: readonly StandingLane[];
};

/** What judging needs of packages. */
export type StandingTools = {
  matches: SelectorMatch;
  /** Whether one of the patterns matches a whole path. */
  ignores: (patterns: readonly string[]) => PathMatch;
};

/** The versions of one baseline that a lane is compared with. */
type Expected = { target: number; accepted: readonly number[] };

/** Whether nothing is unexplained in a lane; found once, however many nodes say the same. */
export type Fits = (lane: StandingLane, role: string | null, expected: Expected) => boolean;

/** @param contents by version; of those that are missing nothing fits */
export function makeFits(contents: ReadonlyMap<number, BaselineContent>, { ignores }: StandingTools): Fits {
  const versions = new Map(
    [...contents].map(([version, content]) => [
      version,
      { version, content, ignores: ignores(content.ignore) },
    ]),
  );
  const known = new Map<string, boolean>();
  return (lane, role, { target, accepted }) => {
    const key = JSON.stringify([lane.digest, role, target, accepted]);
    const fits = known.get(key) ?? fitsNow(lane.measurements, role, versions, { target, accepted });
    known.set(key, fits);
    return fits;
  };
}

function fitsNow(
  measurements: Measurements,
  role: string | null,
  versions: ReadonlyMap<number, Version>,
  { target, accepted }: Expected,
): boolean {
  const reference = versions.get(target);
  if (!reference) return false;
  const others = accepted.flatMap((version) => versions.get(version) ?? []);
  const expectation = { id: "", name: "", target: reference, accepted: others, exceptions: [] };
  const { worst } = assessDrift(measurements, [expectation], {
    windows: [],
    settings: DEFAULT_SETTINGS,
    role,
  });
  return worst !== "unexplained" && worst !== "malicious_like";
}

/** How a baseline and a node get on. */
export type NodeStanding = {
  target: number | null;
  /** Some lane of the node is compared. */
  covered: boolean;
  /** Covered, and nothing unexplained differs in any of its lanes. */
  matching: boolean;
};

/** Where one node stands with what holds at an instant; `null` when the baseline is not about it. */
export function standingOf(
  course: BaselineCourse,
  of: StandingNode,
  atMs: number,
  { matches }: StandingTools,
  fits: Fits,
): NodeStanding | null {
  const { node } = of;
  if (course.selector !== "" && !matches(course.selector, node)) return null;
  const expected = versionsFor(course.rollouts, node, atMs, shareOf(node.id), matches);
  const compared = comparedWith(expected);
  const lanes = compared ? lanesFor(course, of, matches) : [];
  return {
    target: expected.target,
    covered: lanes.length > 0,
    matching: compared !== null && allFit(lanes, of, compared, fits),
  };
}

/** How much of some nodes one version covers and matches, whatever is in force. */
export type VersionStanding = { selected: number; covered: number; matching: number };

export function versionStanding(
  course: Pick<BaselineCourse, "selector" | "sourceId" | "submod">,
  version: number,
  nodes: readonly StandingNode[],
  { matches }: StandingTools,
  fits: Fits,
): VersionStanding {
  const standing = { selected: 0, covered: 0, matching: 0 };
  for (const of of nodes) {
    if (course.selector !== "" && !matches(course.selector, of.node)) continue;
    standing.selected += 1;
    const lanes = lanesFor(course, of, matches);
    if (lanes.length > 0) standing.covered += 1;
    if (allFit(lanes, of, { target: version, accepted: [] }, fits)) standing.matching += 1;
  }
  return standing;
}

function lanesFor(
  course: Pick<BaselineCourse, "selector" | "sourceId" | "submod">,
  { node, lanes }: StandingNode,
  matches: SelectorMatch,
): StandingLane[] {
  return lanes.filter((lane) => speaksAbout(course, lane, node, matches));
}

function allFit(
  lanes: readonly StandingLane[],
  { node }: StandingNode,
  expected: Expected,
  fits: Fits,
): boolean {
  return lanes.length > 0 && lanes.every((lane) => fits(lane, node.labels.role ?? null, expected));
}
