/**
 * The change path: new verdicts (or the passing of time) change what is believed about lanes, and
 * through them about nodes. The caller holds the locks of all nodes concerned.
 */

import { type DriftMark, driftMark } from "#db/queries/drift-dirty";
import { factInsertAll, type NotedFact } from "#db/queries/feed";
import {
  FUSED_SOURCE_ID,
  fusedIntervals,
  type IntervalSupersede,
  type IntervalWrite,
  intervalInsert,
  intervalSupersede,
  type LaneHead,
  type LaneKey,
  laneIntervals,
  laneUpsert,
} from "#db/queries/ingest-history";
import { enrolmentDecisions } from "#db/queries/ingest-identity";
import { type LockedNode, nodeStateUpdate } from "#db/queries/ingest-nodes";
import { verdictsForFold } from "#db/queries/ingest-verdicts";
import { type LifecycleMark, lifecycleMark } from "#db/queries/lifecycle-mark";
import { exceptionCount } from "#db/queries/policy-course";
import { laneBaseFind } from "#db/queries/retention";
import type { SqlClient } from "#db/transaction";
import type { SilenceLimit } from "#lib/domain/cadence";
import { keepVoid, lastHeardMs, restartBefore } from "#lib/domain/distrust";
import { type EnrolmentDecision, holdLine } from "#lib/domain/enrolment";
import { trustNews } from "#lib/domain/feed/news";
import { type DecidedInterval, type FusedInterval, fuseLanes, sameLine } from "#lib/domain/fuse";
import { type FoldVerdict, foldLane, isGap, type LaneInterval } from "#lib/domain/history";
import { firstMeasuredTurn, type LaneMoment } from "#lib/domain/measured-course";
import type { NodeState } from "#lib/domain/policy";
import { reviseHistory } from "#lib/domain/revise";
import { decisionsFor } from "#lib/policy/course";
import { uuidv7 } from "#lib/services/uuidv7";
import { announceNodes } from "./announce-nodes.ts";
import { extendRoll } from "./digest.ts";
import { fuseGroundsOf } from "./fuse-grounds.ts";
import { loadPolicyGrounds, type PolicyGrounds } from "./policy-grounds.ts";

/** Verdicts of one lane that were stored just now; none = only time has passed. */
export type LaneNews = LaneKey & {
  head: LaneHead | null;
  verdicts: readonly FoldVerdict[];
  /** Fold again from here on, because a limit changed; absent = only the news matter. */
  refoldFromMs?: number;
};

/** What revising needs to know of a node. */
type RevisedNode = Pick<LockedNode, "nodeId" | "firstSeenMs" | "changedMs" | "asked">;

/** One write transaction's view of the world. */
export type ReviseScope = {
  client: SqlClient;
  trustDomainId: string;
  /**
   * When lives that rest on what is written may be folded, while history is being imported; absent = at once, and what
   * is written is news.
   */
  foldAtMs?: number;
  /** Recording time; each node's own clock is moved past it when it has seen a later one. */
  nowMs: number;
  nodes: ReadonlyMap<string, RevisedNode>;
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
  staleAfterMs: SilenceLimit,
  judgeSilence: boolean,
): Promise<Set<string>> {
  const heads: LaneHead[] = [];
  const supersede: IntervalSupersede[] = [];
  const add: IntervalWrite[] = [];
  const changed = new Set<string>();
  const drifting: DriftMark[] = [];

  for (const lane of news) {
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
    drifting.push(...driftMarkOf(nodeId, stored, computed));
  }

  await intervalSupersede(scope.client, scope.trustDomainId, supersede);
  await intervalInsert(scope.client, scope.trustDomainId, add);
  await laneUpsert(scope.client, scope.trustDomainId, heads);
  await driftMark(scope.client, scope.trustDomainId, drifting, new Date(scope.nowMs));
  return changed;
}

/** The mark of a node whose lane measures something else than was known; none when it measures the same. */
export function driftMarkOf(
  nodeId: string,
  before: readonly LaneInterval[],
  after: readonly LaneInterval[],
): DriftMark[] {
  const fromMs = firstMeasuredTurn(before.map(momentOf), after.map(momentOf));
  return fromMs === null ? [] : [{ nodeId, fromMs }];
}

const momentOf = (interval: LaneInterval): LaneMoment => ({
  fromMs: interval.fromMs,
  toMs: interval.toMs,
  isGap: isGap(interval),
  digest: interval.statement.measurementDigest,
});

type Recomputed = { stored: LaneInterval[]; computed: LaneInterval[]; lastMs: number };

/**
 * Fold a lane from the point where the news can matter: its open interval when they are all newer,
 * else the interval before the earliest of them, from the verdict log.
 */
async function recompute(
  { client, trustDomainId, nowMs }: ReviseScope,
  { head, verdicts, refoldFromMs = Number.POSITIVE_INFINITY, ...key }: LaneNews,
  staleAfterMs: SilenceLimit,
  judgeSilence: boolean,
): Promise<Recomputed> {
  const earliestMs = Math.min(refoldFromMs, ...verdicts.map(({ atMs }) => atMs));
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
  const scope = { client, trustDomainId };
  const restart = restartBefore(believed, earliestMs);
  let { fromMs, intervals } = await foldFromLog(scope, key, restart, staleAfterMs, untilMs);
  // The statement to begin with does not count any more: its key was distrusted just now.
  if (restart !== null && fromMs === restart && intervals[0]?.fromMs !== restart) {
    ({ fromMs, intervals } = await foldFromLog(scope, key, null, staleAfterMs, untilMs));
  }
  return {
    stored: believed.filter((interval) => fromMs === null || interval.fromMs >= fromMs),
    computed: fromMs === null ? keepVoid(believed, intervals) : intervals,
    lastMs: lastHeardMs(intervals) ?? newestMs,
  };
}

/**
 * Fold a lane from the verdict log, and from what was taken over before old partitions were dropped.
 *
 * @param restartMs verdict to begin with; `null` = the first one
 * @returns `fromMs`: what is believed from there on is replaced; `null` = all of it
 */
async function foldFromLog(
  { client, trustDomainId }: Pick<ReviseScope, "client" | "trustDomainId">,
  key: LaneKey,
  restartMs: number | null,
  limit: SilenceLimit,
  untilMs: number,
): Promise<{ fromMs: number | null; intervals: LaneInterval[] }> {
  const verdicts = await verdictsForFold(client, trustDomainId, key, restartMs);
  // Read after the log: a partition that was dropped before the log was read has left its base by now.
  const base = await laneBaseFind(client, trustDomainId, key);
  if (!base || (restartMs !== null && restartMs >= base.throughMs)) {
    return { fromMs: restartMs, intervals: foldLane(verdicts, limit, untilMs, extendRoll) };
  }
  const kept = verdicts.filter(({ atMs }) => atMs >= base.throughMs);
  return { fromMs: base.open.fromMs, intervals: foldLane(kept, limit, untilMs, extendRoll, base.open) };
}

/** Counters of an open interval live in the lane's head, so only closed ones compare theirs. */
function sameInterval(a: LaneInterval, b: LaneInterval): boolean {
  if (a.evidenceKey !== b.evidenceKey || a.state !== b.state || a.afterFailure !== b.afterFailure)
    return false;
  return a.toMs === null || (a.n === b.n && a.lastMs === b.lastMs && a.roll === b.roll);
}

/** Strictly after everything recorded for the node before: two revisions never share an instant. */
export function recordingTime(
  { nowMs, nodes }: Pick<ReviseScope, "nowMs" | "nodes">,
  nodeId: string,
): number {
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
  const decisions = await decisionsByNode(scope, ids);
  const policy = await loadPolicyGrounds(client, trustDomainId, ids);
  const fused = fuseNodes(scope, ids, { lanes, stored, decisions, policy }, labelOf);
  await writeFused(scope, fused);
  return fused.moves.map(({ nodeId }) => nodeId);
}

/** Write what was computed about own lines, under the same locks. */
export async function writeFused(
  scope: Omit<ReviseScope, "nodes">,
  { supersede, add, states, moves, turns, exempted, facts }: FusedRevision,
): Promise<void> {
  const { client, trustDomainId, nowMs, foldAtMs } = scope;
  await intervalSupersede(client, trustDomainId, supersede);
  await intervalInsert(client, trustDomainId, add);
  await nodeStateUpdate(client, trustDomainId, states);
  await exceptionCount(client, trustDomainId, exempted, new Date(nowMs));
  // An import tells history, which is no news.
  if (foldAtMs === undefined) await announceNodes(client, trustDomainId, moves, new Date(nowMs));
  await markLives(scope, turns);
  await factInsertAll(client, trustDomainId, facts);
}

/** What is to be written about the own lines of some nodes, and whose status moves. */
export type FusedRevision = {
  supersede: IntervalSupersede[];
  add: IntervalWrite[];
  states: Parameters<typeof nodeStateUpdate>[2][number][];
  moves: { nodeId: string; from: NodeState | null; to: NodeState; reason: string }[];
  /** Stretches that are exempt now and were not, by exception. */
  exempted: Map<string, number>;
  /** The first instant at which the line of a node says something else than it did. */
  turns: LifecycleMark[];
  /** What other systems are told. */
  facts: NotedFact[];
};

/** What the own lines of nodes rest on, by node. */
export type FusedGrounds = {
  /** All that is believed about the nodes' lanes. */
  lanes: ReadonlyMap<string, readonly (LaneKey & { interval: LaneInterval })[]>;
  /** The nodes' own lines as recorded. */
  stored: ReadonlyMap<string, readonly FusedInterval[]>;
  /** What was decided about nodes whose enrolment is for a person to decide. */
  decisions: ReadonlyMap<string, readonly EnrolmentDecision[]>;
  policy: PolicyGrounds;
};

/** Recompute the own lines of nodes from their lanes; writes nothing. */
export function fuseNodes(
  scope: Pick<ReviseScope, "nowMs" | "nodes">,
  nodeIds: readonly string[],
  { lanes, stored, decisions, policy }: FusedGrounds,
  labelOf: (lane: LaneKey) => string,
): FusedRevision {
  const revised = nothingFused();
  for (const nodeId of nodeIds) {
    const grounds = fuseGroundsOf(nodeId, lanes.get(nodeId) ?? [], policy, labelOf);
    const { decide, turns } = decisionsFor(policy.course, grounds.node, scope.nowMs);
    const seenFromMs = scope.nodes.get(nodeId)?.firstSeenMs ?? 0;
    const fused = fuseLanes({ ...grounds, seenFromMs, turns }, decide);
    const asked = decisions.get(nodeId);
    const computed = asked ? holdLine(fused, asked) : fused;
    const before = stored.get(nodeId) ?? [];
    const recordedMs = recordingTime(scope, nodeId);
    const key = { nodeId, sourceId: FUSED_SOURCE_ID, submod: "" };
    const { supersede, add } = reviseHistory(before, computed, sameLine);
    for (const { fromMs } of supersede) revised.supersede.push({ ...key, recordedMs, fromMs, counts: null });
    for (const interval of add) revised.add.push({ ...key, recordedMs, interval });
    countExempted(revised.exempted, fused, add);
    const at = new Date(recordedMs);
    for (const fact of trustNews(before, computed)) revised.facts.push({ id: uuidv7(at), nodeId, at, fact });
    const now = computed.at(-1);
    const turnedMs = firstTurn(before, computed);
    if (turnedMs !== null) revised.turns.push({ nodeId, atMs: turnedMs });
    if (!now) continue;
    const from = before.at(-1)?.state ?? null;
    const { state: to, reason } = now;
    if (from !== to) revised.moves.push({ nodeId, from, to, reason });
    const run = computed.findLastIndex(({ state }) => state !== now.state) + 1;
    const since = new Date(computed[run]?.fromMs ?? now.fromMs);
    const changedAt = new Date(recordedMs);
    revised.states.push({ nodeId, status: now.state, since, reason: now.reason, changedAt });
  }
  return revised;
}

/** A revision that changes nothing. */
export const nothingFused = (): FusedRevision => ({
  supersede: [],
  add: [],
  states: [],
  moves: [],
  exempted: new Map(),
  turns: [],
  facts: [],
});

/** What was held back by enrolment was not exempt. */
function countExempted(
  counts: Map<string, number>,
  fused: readonly DecidedInterval[],
  added: readonly FusedInterval[],
): void {
  for (const { fromMs, state } of added) {
    if (state !== "exempt") continue;
    const id = fused.findLast((interval) => interval.fromMs <= fromMs)?.exceptionId;
    if (id) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
}

/** What was decided about the nodes whose enrolment is for a person to decide; the others are left out. */
export async function decisionsByNode(
  { client, trustDomainId, nodes }: Pick<ReviseScope, "client" | "trustDomainId" | "nodes">,
  nodeIds: readonly string[],
): Promise<Map<string, EnrolmentDecision[]>> {
  const asked = nodeIds.filter((nodeId) => nodes.get(nodeId)?.asked);
  const rows = Map.groupBy(await enrolmentDecisions(client, trustDomainId, asked), ({ nodeId }) => nodeId);
  return new Map(
    asked.map((nodeId) => [
      nodeId,
      (rows.get(nodeId) ?? []).map(({ atMs, state, reason }) => ({
        atMs,
        state: state as EnrolmentDecision["state"],
        reason,
      })),
    ]),
  );
}

/** Remember nodes whose lives rest on something new. */
export function markLives(
  { client, trustDomainId, nowMs, foldAtMs = nowMs }: Omit<ReviseScope, "nodes">,
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
