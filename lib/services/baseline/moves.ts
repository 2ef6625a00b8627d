/** What would move if other versions of one baseline held: the part of a preview that asks the fleet. */
import { baselineCourse } from "#db/queries/baseline-course";
import type { ChangePreview } from "#lib/contracts/change-request";
import type { BaselineContent, Rollout } from "#lib/domain/baseline";
import type { BaselineCourse } from "#lib/domain/baseline-course";
import { type Moves, movesBetween } from "#lib/domain/baseline-standing";
import type { ServiceContext } from "#lib/services/context";
import { readFleet } from "./fleet.ts";
import { TOOLS } from "./tools.ts";

/** Nodes that a preview names; their total is always told. */
const NAMED = 200;

/** What one baseline would be. */
export type Proposal = {
  baseline: Omit<BaselineCourse, "rollouts" | "contents"> & { trustDomainId: string };
  rollouts: readonly Rollout[];
  /** A content that is not in force yet. */
  content: { version: number; content: BaselineContent } | null;
};

/**
 * The moves at each of some instants, compared with what holds now.
 *
 * By what nodes say now: nobody knows what they will say then.
 */
export async function movesAt(
  ctx: ServiceContext,
  { baseline, rollouts, content }: Proposal,
  instantsMs: readonly number[],
): Promise<{ moves: Moves[]; nodes: number }> {
  const { trustDomainId, id, name, selector, sourceId, submod } = baseline;
  const courses = await baselineCourse(ctx.db.$client, trustDomainId);
  const before = courses.find((course) => course.id === id);
  const contents = new Map(before?.contents);
  if (content) contents.set(content.version, content.content);
  const after = { id, name, selector, sourceId, submod, rollouts, contents };
  const others = courses.filter((course) => course.id !== id);
  const selectors = [...courses, after].flatMap((course) => [
    course.selector,
    ...course.rollouts.map((rollout) => rollout.selector),
  ]);
  const { nodes } = await readFleet(ctx.db, trustDomainId, selectors);
  const now = { courses, atMs: ctx.now().getTime() };
  const moves = instantsMs.map((atMs) =>
    movesBetween(nodes, now, { courses: [...others, after], atMs }, TOOLS),
  );
  return { moves, nodes: nodes.length };
}

/** The members of a preview that say what moves. */
export function movesPreview({ moves, nodes }: Moves): Pick<ChangePreview, "moves" | "nodes"> {
  return {
    moves: [...moves],
    nodes: { total: nodes.length, items: nodes.slice(0, NAMED) },
  };
}
