/**
 * The change path: new verdicts (or the passing of time) change what is believed about lanes, and
 * through them about nodes. The caller holds the locks of all nodes concerned.
 */

import {
  FUSED_SOURCE_ID,
  fusedIntervals,
  type IntervalSupersede,
  type IntervalWrite,
  intervalInsert,
  intervalSupersede,
  type LaneHead,
  type LaneKey,
  laneBump,
  laneIntervals,
  laneUpsert,
} from "#db/queries/ingest-history";
import { type LockedNode, nodeStateUpdate } from "#db/queries/ingest-nodes";
import { verdictsForFold } from "#db/queries/ingest-verdicts";
import { type LifecycleMark, lifecycleMark } from "#db/queries/lifecycle-mark";
import type { SqlClient } from "#db/transaction";
import { fuseLanes } from "#lib/domain/fuse";
import { compareVerdicts, type FoldVerdict, foldLane, isGap, type LaneInterval } from "#lib/domain/history";
import { reviseHistory } from "#lib/domain/revise";
import { extendRoll } from "./digest.ts";

/** Verdicts of one lane that were stored just now; none = only time has passed. */
export type LaneNews = LaneKey & { head: LaneHead | null; verdicts: readonly FoldVerdict[] };

/** One write transaction's view of the world. */
export type ReviseScope = {
  client: SqlClient;
  trustDomainId: string;
  /** When lives that rest on what is written may be folded; later while history is being imported. */
  foldAtMs: number;
  /** Recording time; each node's own clock is moved past it when it has seen a later one. */
  nowMs: number;
  nodes: ReadonlyMap<string, LockedNode>;
};

/**
 * Bring lanes up to date with their news.
 *
 * @param staleAfterMs limit of the lanes' source; `null` = no expected cadence
 * @param judgeSilence whether silence up to now counts; ingest leaves that to the worker, which
 *   knows when an import is over
 * @returns nodes whose lanes changed in more than counters
 */
export async function reviseLanes(
  scope: ReviseScope,
  news: readonly LaneNews[],
  staleAfterMs: number | null,
  judgeSilence: boolean,
): Promise<Set<string>> {
  const bumps: (LaneKey & { n: number; lastMs: number; roll: string })[] = [];
  const heads: LaneHead[] = [];
  const supersede: IntervalSupersede[] = [];
  const add: IntervalWrite[] = [];
  const changed = new Set<string>();

  for (const lane of news) {
    const bump = asRepeat(lane, staleAfterMs);
    if (bump && !judgeSilence) {
      bumps.push(bump);
      continue;
    }
    const { stored, computed, lastMs } = await recompute(scope, lane, staleAfterMs, judgeSilence);
    const { nodeId, sourceId, submod } = lane;
    const recordedMs = recordingTime(scope, nodeId);
    const revision = reviseHistory(stored, computed, sameInterval);
    for (const old of revision.supersede) {
      const openUntilNow =
        old.toMs === null && lane.head && lane.head.open.fromMs === old.fromMs ? lane.head.open : null;
      const counts = openUntilNow && {
        n: openUntilNow.n,
        lastMs: openUntilNow.lastMs,
        roll: openUntilNow.roll,
      };
      supersede.push({ nodeId, sourceId, submod, recordedMs, fromMs: old.fromMs, counts });
    }
    add.push(...revision.add.map((interval) => ({ nodeId, sourceId, submod, recordedMs, interval })));
    const open = computed.at(-1);
    if (open) heads.push({ nodeId, sourceId, submod, open, lastMs });
    if (revision.supersede.length > 0 || revision.add.length > 0) changed.add(nodeId);
  }

  await laneBump(scope.client, scope.trustDomainId, bumps);
  await intervalSupersede(scope.client, scope.trustDomainId, supersede);
  await intervalInsert(scope.client, scope.trustDomainId, add);
  await laneUpsert(scope.client, scope.trustDomainId, heads);
  return changed;
}

/** The counters when every verdict repeats the open statement in time; `null` when something changes. */
function asRepeat(
  { head, verdicts, ...key }: LaneNews,
  staleAfterMs: number | null,
): (LaneKey & { n: number; lastMs: number; roll: string }) | null {
  if (!head || isGap(head.open) || verdicts.length === 0) return null;
  let { lastMs } = head;
  let { roll } = head.open;
  for (const verdict of [...verdicts].sort(compareVerdicts)) {
    const inTime = verdict.atMs > lastMs && (staleAfterMs === null || verdict.atMs - lastMs <= staleAfterMs);
    if (!inTime || verdict.evidenceKey !== head.open.evidenceKey) return null;
    lastMs = verdict.atMs;
    roll = extendRoll(roll, verdict.hash);
  }
  return {
    nodeId: key.nodeId,
    sourceId: key.sourceId,
    submod: key.submod,
    n: head.open.n + verdicts.length,
    lastMs,
    roll,
  };
}

type Recomputed = { stored: LaneInterval[]; computed: LaneInterval[]; lastMs: number };

/**
 * Fold a lane from the point where the news can matter: its open interval when they are all newer,
 * else the interval before the earliest of them, from the verdict log.
 */
async function recompute(
  { client, trustDomainId, nowMs }: ReviseScope,
  { head, verdicts, ...key }: LaneNews,
  staleAfterMs: number | null,
  judgeSilence: boolean,
): Promise<Recomputed> {
  const earliestMs = Math.min(...verdicts.map(({ atMs }) => atMs));
  const newestMs = Math.max(head?.lastMs ?? Number.NEGATIVE_INFINITY, ...verdicts.map(({ atMs }) => atMs));
  const untilMs = judgeSilence || (head && isGap(head.open)) ? Math.max(nowMs, newestMs) : newestMs;
  if (!head)
    return { stored: [], computed: foldLane(verdicts, staleAfterMs, untilMs, extendRoll), lastMs: newestMs };

  const inOrder = earliestMs > head.lastMs && (!isGap(head.open) || earliestMs > head.open.fromMs);
  if (inOrder) {
    const until = verdicts.length > 0 && !judgeSilence ? newestMs : untilMs;
    return {
      stored: [head.open],
      computed: foldLane(verdicts, staleAfterMs, until, extendRoll, head.open),
      lastMs: newestMs,
    };
  }
  const believed = (await laneIntervals(client, trustDomainId, [key.nodeId]))
    .filter(({ sourceId, submod }) => sourceId === key.sourceId && submod === key.submod)
    .map(({ interval }) => interval);
  const restart =
    believed.findLast((interval) => !isGap(interval) && interval.fromMs < earliestMs)?.fromMs ?? null;
  const all = await verdictsForFold(client, trustDomainId, key, restart);
  return {
    stored: believed.filter((interval) => restart === null || interval.fromMs >= restart),
    computed: foldLane(all, staleAfterMs, untilMs, extendRoll),
    lastMs: newestMs,
  };
}

/** Counters of an open interval live in the lane's head, so only closed ones compare theirs. */
function sameInterval(a: LaneInterval, b: LaneInterval): boolean {
  if (a.evidenceKey !== b.evidenceKey || a.state !== b.state || a.afterFailure !== b.afterFailure)
    return false;
  return a.toMs === null || (a.n === b.n && a.lastMs === b.lastMs && a.roll === b.roll);
}

/** Strictly after everything recorded for the node before: two revisions never share an instant. */
function recordingTime({ nowMs, nodes }: ReviseScope, nodeId: string): number {
  return Math.max(nowMs, (nodes.get(nodeId)?.changedMs ?? 0) + 1);
}

/**
 * Recompute the own lines of nodes from their lanes and set what is believed about them now.
 *
 * @param labelOf name of a lane in reasons
 * @returns nodes whose status now differs from before
 */
export async function reviseNodes(
  scope: ReviseScope,
  nodeIds: ReadonlySet<string>,
  labelOf: (lane: LaneKey) => string,
): Promise<string[]> {
  if (nodeIds.size === 0) return [];
  const { client, trustDomainId } = scope;
  const ids = [...nodeIds].sort();
  const lanes = Map.groupBy(await laneIntervals(client, trustDomainId, ids), ({ nodeId }) => nodeId);
  const stored = Map.groupBy(await fusedIntervals(client, trustDomainId, ids), ({ nodeId }) => nodeId);
  const supersede: IntervalSupersede[] = [];
  const add: IntervalWrite[] = [];
  const states: Parameters<typeof nodeStateUpdate>[2][number][] = [];
  const moved: string[] = [];
  const marks: LifecycleMark[] = [];
  for (const nodeId of ids) {
    const byLane = Map.groupBy(lanes.get(nodeId) ?? [], labelOf);
    const labelled = [...byLane]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([label, rows]) => ({ label, intervals: rows.map(({ interval }) => interval) }));
    const computed = fuseLanes(labelled, scope.nodes.get(nodeId)?.firstSeenMs ?? 0);
    const before = stored.get(nodeId) ?? [];
    const recordedMs = recordingTime(scope, nodeId);
    const key = { nodeId, sourceId: FUSED_SOURCE_ID, submod: "" };
    const revision = reviseHistory(before, computed, (a, b) => a.state === b.state && a.reason === b.reason);
    supersede.push(...revision.supersede.map(({ fromMs }) => ({ ...key, recordedMs, fromMs, counts: null })));
    add.push(...revision.add.map((interval) => ({ ...key, recordedMs, interval })));
    const now = computed.at(-1);
    const turnedMs = firstTurn(before, computed);
    if (turnedMs !== null) marks.push({ nodeId, atMs: turnedMs });
    if (!now) continue;
    if (before.at(-1)?.state !== now.state) moved.push(nodeId);
    const run = computed.findLastIndex(({ state }) => state !== now.state) + 1;
    const since = new Date(computed[run]?.fromMs ?? now.fromMs);
    states.push({ nodeId, status: now.state, since, reason: now.reason, changedAt: new Date(recordedMs) });
  }
  await intervalSupersede(client, trustDomainId, supersede);
  await intervalInsert(client, trustDomainId, add);
  await nodeStateUpdate(client, trustDomainId, states);
  await markLives(scope, marks);
  return moved;
}

/** Remember nodes whose lives rest on something new. */
export function markLives(
  { client, trustDomainId, nowMs, foldAtMs }: ReviseScope,
  marks: readonly LifecycleMark[],
): Promise<void> {
  return lifecycleMark(client, trustDomainId, marks, { now: new Date(nowMs), dueAt: new Date(foldAtMs) });
}

type Turn = { fromMs: number; state: string };

/** The first instant at which one line changes its state and the other does not; `null` = they agree. */
function firstTurn(before: readonly Turn[], after: readonly Turn[]): number | null {
  const turns = (line: readonly Turn[]) =>
    line.filter(({ state }, index) => state !== line[index - 1]?.state);
  const [a, b] = [turns(before), turns(after)];
  const index = a.findIndex((turn, i) => turn.fromMs !== b[i]?.fromMs || turn.state !== b[i]?.state);
  const at = index === -1 ? a.length : index;
  const instants = [a[at], b[at]].flatMap((turn) => turn?.fromMs ?? []);
  return instants.length > 0 ? Math.min(...instants) : null;
}
