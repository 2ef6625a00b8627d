/** What would move if other versions of one baseline held: what previews ask, and how they say it. */
import type { ChangePreview } from "#lib/contracts/change-request";
import type { BaselineContent, Rollout } from "#lib/domain/baseline";
import type { BaselineCourse } from "#lib/domain/baseline-course";
import type { Moves } from "#lib/domain/moves";
import type { ServiceContext } from "#lib/services/context";
import { iso } from "#lib/services/instant";

/** What one baseline would be. */
export type Proposal = {
  baseline: Omit<BaselineCourse, "rollouts" | "contents">;
  rollouts: readonly Rollout[];
  /** A content that is not in force yet. */
  content: { version: number; content: BaselineContent } | null;
};

/** Moves, and how many nodes were judged for them. */
export type JudgedMoves = Moves & { judged: number };

/**
 * The moves at each of some instants, compared with what holds now. The computation is the one that decides
 * afterwards; it lives in ingest, so it is given by the composition root.
 */
export type MovesOf = (
  ctx: ServiceContext,
  trustDomainId: string,
  proposal: Proposal,
  instantsMs: readonly number[],
) => Promise<{ nodes: number; at: readonly JudgedMoves[] }>;

type Told = Pick<ChangePreview, "facts" | "warnings" | "moves" | "nodes">;

/**
 * The members of a preview that say what moves.
 *
 * @param first at the instant of the change
 * @param later at instants after it, in order
 */
export function movesPreview(
  nodes: number,
  first: JudgedMoves,
  later: readonly (JudgedMoves & { atMs: number })[] = [],
): Told {
  const judged = Math.min(first.judged, ...later.map((moves) => moves.judged));
  const failing = countOf(first, ({ to }) => to === "failed");
  const untrusted = later.map((moves) => ({ ...moves, count: countOf(moves, ({ to }) => to !== "trusted") }));
  return {
    facts: [{ label: "Nodes judged", value: judged < nodes ? `${judged} of ${nodes}` : String(nodes) }],
    warnings: [
      ...(judged < nodes
        ? [
            `Only ${judged} of ${nodes} nodes were judged: they measure too much that differs from node to node. The others may move too.`,
          ]
        : []),
      ...(failing > 0 ? [`${nodesWord(failing)} would fail.`] : []),
      ...untrusted.flatMap(({ count, atMs }) =>
        count > 0
          ? [
              `By what nodes say now, ${nodesWord(count)} would have another status than now from ${iso(atMs)} on, and not be trusted.`,
            ]
          : [],
      ),
    ],
    moves: [...first.moves],
    nodes: {
      total: first.total,
      items: first.named.map(({ id, name, from, to, reason }) => ({ id, name, from, to, reason })),
    },
  };
}

const countOf = ({ moves }: Moves, counts: (move: Moves["moves"][number]) => boolean) =>
  moves.filter(counts).reduce((sum, { nodes }) => sum + nodes, 0);

const nodesWord = (count: number) => `${count} ${count === 1 ? "node" : "nodes"}`;
