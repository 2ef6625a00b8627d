/**
 * Which versions of a baseline hold for a node at an instant.
 *
 * Pure. Times are epoch milliseconds; a rollout holds in `[fromMs, toMs)`. Between two instants of
 * {@link courseInstants} the answers are constant, so whoever derives history asks once per stretch.
 */
import type { BaselineContent, Rollout, SelectorNode } from "./baseline.ts";

/** A baseline with all that is needed to judge any instant. */
export type BaselineCourse = {
  id: string;
  name: string;
  /** CEL; empty = every node. */
  selector: string;
  /** The lane that it speaks about; `null` = any source, any submodule. */
  sourceId: string | null;
  submod: string | null;
  /** In order of their beginnings. Only of versions that are in `contents`. */
  rollouts: readonly Rollout[];
  /** By version, each once. A version whose signature does not verify is not among them. */
  contents: ReadonlyMap<number, BaselineContent>;
};

/** Whether a node fits a selector. The same node and text give the same answer. */
export type SelectorMatch = (selector: string, node: SelectorNode) => boolean;

/** What holds for one node at one instant. */
export type ExpectedVersions = {
  /** What the node should be; `null` = nothing is expected of it (yet). */
  target: number | null;
  /** What it may be besides, in ascending order; the target is not among them. */
  accepted: readonly number[];
};

/** Shares are whole percents. */
const SHARES = 100;

/**
 * Where a node stands among the hundred shares of whatever is staged, a rollout or a policy; 0–99.
 *
 * By its id alone: the same nodes come first every time, and a larger percent contains a smaller one. FNV-1a with a final mix, because ids that were made together differ only in a few characters.
 */
export function shareOf(nodeId: string): number {
  let hash = 0x811c9dc5;
  for (const character of nodeId.toLowerCase()) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % SHARES;
}

/** The rollouts in force at an instant. */
export function rolloutsAt<R extends Pick<Rollout, "fromMs" | "toMs">>(
  rollouts: readonly R[],
  atMs: number,
): R[] {
  return rollouts.filter(({ fromMs, toMs }) => fromMs <= atMs && (toMs === null || atMs < toMs));
}

/**
 * The versions that hold for a node.
 *
 * The youngest target rollout that reaches the node says what it should be. Older targets that have not
 * ended are still accepted of it, and so is whatever an `accepted` rollout names: that is how a node
 * passes from A to B to C without being called wrong on the way.
 *
 * @param share of the node, see {@link shareOf}
 */
export function versionsFor(
  rollouts: readonly Rollout[],
  node: SelectorNode,
  atMs: number,
  share: number,
  matches: SelectorMatch,
): ExpectedVersions {
  const reaching = rolloutsAt(rollouts, atMs).filter(
    ({ percent, selector }) => share < percent && (selector === "" || matches(selector, node)),
  );
  const [youngest] = reaching.filter(({ part }) => part === "target").sort(youngerFirst);
  const target = youngest?.version ?? null;
  const versions = new Set(reaching.map(({ version }) => version));
  if (target !== null) versions.delete(target);
  return { target, accepted: [...versions].sort((a, b) => a - b) };
}

/**
 * What a node is compared with; `null` = with nothing.
 *
 * Accepted versions without a target: the youngest of them takes its place.
 */
export function comparedWith({
  target,
  accepted,
}: ExpectedVersions): { target: number; accepted: readonly number[] } | null {
  const reference = target ?? accepted.at(-1);
  if (reference === undefined) return null;
  return { target: reference, accepted: accepted.filter((version) => version !== reference) };
}

/** The one order in which baselines are asked, on which the words of reasons depend. */
export function byName(
  a: Pick<BaselineCourse, "id" | "name">,
  b: Pick<BaselineCourse, "id" | "name">,
): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.id < b.id ? -1 : +(a.id > b.id);
}

/** Of two that began at once the later version is the younger one. */
function youngerFirst(a: Rollout, b: Rollout): number {
  return b.fromMs - a.fromMs || b.version - a.version;
}

/** Every instant at which {@link versionsFor} can change its answer, ascending, each once. */
export function courseInstants(rollouts: readonly Pick<Rollout, "fromMs" | "toMs">[]): number[] {
  const lasting = rollouts.filter(({ fromMs, toMs }) => toMs === null || toMs > fromMs);
  const instants = lasting.flatMap(({ fromMs, toMs }) => (toMs === null ? [fromMs] : [fromMs, toMs]));
  return [...new Set(instants)].sort((a, b) => a - b);
}

/** Whether a baseline speaks about a lane of a node. */
export function speaksAbout(
  course: Pick<BaselineCourse, "selector" | "sourceId" | "submod">,
  lane: { sourceId: string; submod: string },
  node: SelectorNode,
  matches: SelectorMatch,
): boolean {
  if (course.sourceId !== null && course.sourceId !== lane.sourceId) return false;
  if (course.submod !== null && course.submod !== lane.submod) return false;
  return course.selector === "" || matches(course.selector, node);
}

/**
 * The course of a baseline as if one of its versions were what every node should be at an instant.
 *
 * What else is in force then stays accepted, as it would be in an upgrade.
 */
export function asIfTarget(course: BaselineCourse, version: number, atMs: number): BaselineCourse {
  const others = rolloutsAt(course.rollouts, atMs).map((rollout) => ({
    ...rollout,
    part: "accepted" as const,
  }));
  const asked = {
    version,
    part: "target" as const,
    selector: "",
    percent: SHARES,
    fromMs: atMs,
    toMs: null,
  };
  return { ...course, selector: "", rollouts: [...others, asked] };
}
