/** What other rollouts of a baseline would move, by the computation that decides afterwards. Writes nothing. */
import { nodeCount } from "#db/queries/policy-work";
import { inTransaction, type SqlClient, type SqlPool } from "#db/transaction";
import type { BaselineContent, Rollout } from "#lib/domain/baseline";
import { type BaselineCourse, byName } from "#lib/domain/baseline-course";
import { type Moves, MoveTally } from "#lib/domain/moves";
import { type DriftCourse, driftCourse } from "#lib/services/drift/grounds";
import { type DriftEvidence, foldDriftLines, readDriftEvidence } from "./drift-lines.ts";
import { DriftMemo } from "./drift-memo.ts";
import { comparedNodes, type DriftByNode, type Side, SNAPSHOT } from "./policy-compare.ts";

/** What one baseline would be. */
export type BaselineProposal = {
  baseline: Omit<BaselineCourse, "rollouts" | "contents">;
  rollouts: readonly Rollout[];
  /** A content that is not in force yet. */
  content: { version: number; content: BaselineContent } | null;
};

export type BaselineImpact = {
  /** Nodes of the domain. */
  nodes: number;
  /** The moves at each instant, compared with what holds now. */
  at: readonly (Moves & {
    /** Nodes that were judged: all of them, unless the limit of comparisons was reached. */
    judged: number;
  })[];
};

/** Nodes whose measurements are in memory at a time. */
const BATCH = 100;
/** Measured entries that are kept for the batches after; fleets measure few different sets. */
const MAX_KEPT = 500_000;
/** Measured entries that are compared for one preview. Equal measurements are compared once. */
const MAX_COMPARED = 10_000_000;

/**
 * By what nodes say now: nobody knows what they will say then.
 *
 * Both sides are folded from the same evidence, so that drift that was not assessed yet is no move.
 *
 * @param maxCompared when it is reached, the nodes after that are not judged
 */
export function baselineImpact(
  pool: SqlPool,
  trustDomainId: string,
  proposal: BaselineProposal,
  instantsMs: readonly number[],
  now: Date,
  maxCompared = MAX_COMPARED,
): Promise<BaselineImpact> {
  const nowMs = now.getTime();
  return inTransaction(
    pool,
    async (client) => {
      const inForce = await driftCourse(client, trustDomainId);
      const proposed = withBaseline(inForce, proposal);
      const memo = new DriftMemo();
      // Whoever asks has looked at the clock before: what is folded begins at the earliest instant that is asked about.
      const sideOf = driftReader(client, Math.min(nowMs, ...instantsMs), memo);
      const at: BaselineImpact["at"][number][] = [];
      for (const atMs of instantsMs) {
        const tally = new MoveTally();
        let judged = 0;
        const sides = { current: sideOf(inForce, nowMs), proposed: sideOf(proposed, atMs) };
        for await (const some of comparedNodes(client, trustDomainId, sides, { batch: BATCH })) {
          judged += some.length;
          for (const { nodeId, name, current, proposed: decision } of some) {
            const { state: to, ruleId, reason } = decision;
            tally.add({ id: nodeId, name, from: current.state, to, ruleId, reason });
          }
          if (memo.compared >= maxCompared) break;
        }
        at.push({ ...tally.result(), judged });
      }
      return { nodes: await nodeCount(client, trustDomainId), at };
    },
    SNAPSHOT,
  );
}

/** The course with one baseline as it would be. */
function withBaseline(course: DriftCourse, { baseline, rollouts, content }: BaselineProposal): DriftCourse {
  const before = course.baselines.find(({ id }) => id === baseline.id);
  const contents = new Map(before?.contents);
  if (content) contents.set(content.version, content.content);
  const sound = rollouts.filter(({ version }) => contents.has(version));
  const others = course.baselines.filter(({ id }) => id !== baseline.id);
  return { ...course, baselines: [...others, { ...baseline, rollouts: sound, contents }].sort(byName) };
}

/** How lanes differ under a course at an instant. What nodes say is read once for both sides. */
function driftReader(client: SqlClient, fromMs: number, memo: DriftMemo) {
  let read: { nodeIds: readonly string[]; evidence: DriftEvidence } | null = null;
  let kept: DriftEvidence["sets"] = new Map();
  let entries = 0;
  return (course: DriftCourse, atMs: number): Side => ({
    atMs,
    async drift(nodeIds): Promise<DriftByNode> {
      const from = nodeIds.map((nodeId) => ({ nodeId, fromMs }));
      if (read?.nodeIds !== nodeIds) {
        const evidence = await readDriftEvidence(client, course.trustDomainId, from, kept);
        for (const [digest, set] of evidence.sets) if (!kept.has(digest)) entries += Object.keys(set).length;
        if (entries > MAX_KEPT) entries = 0;
        kept = entries > 0 ? evidence.sets : new Map();
        read = { nodeIds, evidence };
      }
      const lines = foldDriftLines(course, read.evidence, from, atMs, memo);
      const intervals = lines.flatMap(({ nodeId, sourceId, submod, intervals: stretches }) =>
        stretches.map(({ assessment: { list: _, ...said }, ...at }) => ({
          ...{ nodeId, sourceId, submod, fromMs: at.fromMs, toMs: at.toMs },
          ...said,
        })),
      );
      return Map.groupBy(intervals, ({ nodeId }) => nodeId);
    },
  });
}
