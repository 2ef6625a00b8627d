/** Replaying stored states under another policy. Reads only; tells how far it is. */
import { nodesAfter, type StoredState, storedStates } from "#db/queries/policy-work";
import { inTransaction, type SqlPool } from "#db/transaction";
import { type Backtest, backtest } from "#lib/domain/backtest";
import { fuseLanes } from "#lib/domain/fuse";
import type { Decision } from "#lib/domain/policy";
import { decisionsFor, isMeant } from "#lib/policy/course";
import { fuseGroundsOf } from "./fuse-grounds.ts";
import { type Proposal, withProposal } from "./policy-compare.ts";
import { loadPolicyGrounds } from "./policy-grounds.ts";
import { laneNamer } from "./store.ts";

const BATCH = 1000;
const SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY";

export type BacktestWindow = { from: Date; to: Date };

/**
 * Replay what is believed about a window of time.
 *
 * @param onProgress nodes and states replayed so far; may wait, for a reader that is slower
 * @param signal ends the replay between two batches
 * @returns `null` when it was ended
 */
export function replayPolicy(
  pool: SqlPool,
  trustDomainId: string,
  proposal: Proposal,
  { from, to }: BacktestWindow,
  onProgress: (progress: { nodes: number; states: number }) => Promise<void> | void,
  signal: AbortSignal,
): Promise<Backtest | null> {
  return inTransaction(
    pool,
    async (client) => {
      const gathered = backtest();
      let progress = { nodes: 0, states: 0 };
      for (let after: string | null = null; ; ) {
        if (signal.aborted) return null;
        const nodeIds: readonly string[] = await nodesAfter(client, trustDomainId, after, BATCH);
        after = nodeIds.at(-1) ?? null;
        if (after === null) return gathered.result();
        const rows = await storedStates(client, trustDomainId, nodeIds, from);
        const byNode = Map.groupBy(rows, ([nodeId]) => nodeId);
        const grounds = await loadPolicyGrounds(client, trustDomainId, nodeIds, true);
        const names = new Map([...grounds.sources].map(([id, { name }]) => [id, name]));
        const replaced = withProposal({ ...grounds.course, activations: [] }, proposal, from.getTime());
        for (const [nodeId, states] of byNode) {
          const lanes = states.map((state) => laneOf(state, from.getTime()));
          const fuse = fuseGroundsOf(nodeId, lanes, grounds, laneNamer(names));
          const seenFromMs = Math.min(...lanes.map(({ interval }) => interval.fromMs));
          const drift = fuse.drift.map((lane) => ({
            ...lane,
            intervals: lane.intervals.filter(({ toMs }) => toMs === null || toMs > seenFromMs),
          }));
          const instead = isMeant(proposal, fuse.node) ? replaced : grounds.course;
          const inForce = decisionsFor(grounds.course, fuse.node, to.getTime());
          const other = decisionsFor(instead, fuse.node, to.getTime());
          const proposed: Decided[] = [];
          const turns = [...inForce.turns, ...other.turns];
          const current = fuseLanes({ ...fuse, drift, seenFromMs, turns }, (facts, fromMs) => {
            proposed.push({ fromMs, ...other.decide(facts, fromMs) });
            return inForce.decide(facts, fromMs);
          });
          gathered.add({ current, proposed, states: states.length });
        }
        progress = { nodes: progress.nodes + nodeIds.length, states: progress.states + rows.length };
        await onProgress(progress);
      }
    },
    SNAPSHOT,
  );
}

type Decided = Decision & { fromMs: number };

function laneOf(
  [nodeId, sourceId, submod, fromMs, , state, reason, afterFailure, tier, outcome, gap]: StoredState,
  windowMs: number,
) {
  const statement = { tier, outcome, vector: [], measurementDigest: null, kid: null };
  const interval = {
    ...{ fromMs: Math.max(fromMs, windowMs), state, reason, afterFailure, statement },
    hash: gap ? null : "",
  };
  return { nodeId, sourceId, submod, interval };
}
