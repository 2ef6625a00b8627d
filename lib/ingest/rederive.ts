/**
 * Deriving the history of some nodes anew after what was decided about a key: reading and folding.
 *
 * Computing and writing are apart, so that the preview of a decision is the decision's own computation.
 */
import {
  countedVerdicts,
  type DistrustSource,
  distrustSource,
  lateEvidence,
  lateKept,
  otherEvidence,
} from "#db/queries/distrust";
import { type DriftMark, driftMark } from "#db/queries/drift-dirty";
import {
  fusedIntervals,
  type IntervalSupersede,
  type IntervalWrite,
  intervalInsert,
  intervalSupersede,
  type LaneHead,
  type LaneKey,
  laneHeads,
  laneIntervals,
  laneUpsert,
} from "#db/queries/ingest-history";
import { sourceNames } from "#db/queries/ingest-source";
import { laneBases, laneBaseUpsert } from "#db/queries/retention";
import {
  type DistrustRule,
  keepVoid,
  lastHeardMs,
  planRefold,
  type Refold,
  reopen,
  withRule,
} from "#lib/domain/distrust";
import { type FoldVerdict, foldLane, isGap, type LaneInterval } from "#lib/domain/history";
import { type Horizon, type KeptBefore, keepBefore } from "#lib/domain/horizon";
import { reviseHistory } from "#lib/domain/revise";
import { extendRoll } from "./digest.ts";
import { loadPolicyGrounds } from "./policy-grounds.ts";
import {
  decisionsByNode,
  driftMarkOf,
  type FusedRevision,
  fuseNodes,
  nothingFused,
  type ReviseScope,
  recordingTime,
  writeFused,
} from "./revise-lanes.ts";
import { laneNamer } from "./store.ts";

/** What was decided about a key, as far as history has to be derived anew for it. */
export type DistrustTask = DistrustRule & {
  sourceId: string;
  /** Earliest instant from which evidence of the key counts differently than it did. */
  earliestMs: number;
  /** Some of it counts again. */
  restores: boolean;
};

/** What is to be written; and for people, what rested on the key. */
export type Rederived = {
  heads: LaneHead[];
  /** What lanes go on from where their log was dropped, without the key. */
  bases: (LaneKey & { base: Horizon })[];
  supersede: IntervalSupersede[];
  add: IntervalWrite[];
  fused: FusedRevision;
  /** Nodes of which some lane measured something else than was believed. */
  drifting: DriftMark[];
  /** Nodes of which some lane changed. */
  nodeIds: string[];
  /** Intervals of the key that are no longer believed. */
  rested: { intervals: number; firstMs: number; lastMs: number };
};

/** A lane as believed, with the counters of its open interval brought up to date from the hot row. */
type Believed = LaneKey & { intervals: LaneInterval[]; refold: Refold };

/** A lane with what stands before the log that is kept of it; `null` = nothing there matters. */
type Touched = Believed & { kept: (KeptBefore & { throughMs: number }) | null };

/** Evidence that came in within this after it was observed is not told from dated back where the log is gone. */
const LATE_MS = 3_600_000;

/**
 * Compute what changes for some nodes; writes nothing.
 *
 * @param scope when it is to be written, the caller holds the nodes' locks
 * @returns `null` when the source has no such key
 */
export async function rederive(scope: ReviseScope, task: DistrustTask): Promise<Rederived | null> {
  const { client, trustDomainId, nowMs } = scope;
  const nodeIds = [...scope.nodes.keys()].sort();
  const source = await distrustSource(client, trustDomainId, task.sourceId, task.kid, new Date(nowMs));
  if (!source) return null;
  const lanes = Map.groupBy(await laneIntervals(client, trustDomainId, nodeIds), ({ nodeId }) => nodeId);
  const rules = withRule(source.rules, task);
  const believed = await believedLanes(scope, task, source, [...lanes.values()].flat());
  const touched = await touchedLanes(scope, task, believed);
  const verdicts = await verdictsByLane(scope, task, rules, touched);

  const result: Rederived = {
    heads: [],
    bases: [],
    supersede: [],
    add: [],
    fused: nothingFused(),
    drifting: [],
    nodeIds: [],
    rested: { intervals: 0, firstMs: Number.POSITIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY },
  };
  const changed = new Set<string>();
  for (const lane of touched) {
    const computed = computeLane(lane, source, nowMs, verdicts.get(laneId(lane)) ?? []);
    const { nodeId, sourceId, submod, kept } = lane;
    if (kept?.changed) {
      const base = { throughMs: kept.throughMs, open: kept.open };
      result.bases.push({ nodeId, sourceId, submod, base });
    }
    if (!reviseLane(scope, task.kid, lane, computed, result)) continue;
    changed.add(lane.nodeId);
    result.drifting.push(...driftMarkOf(nodeId, lane.intervals, computed));
    const others = (lanes.get(lane.nodeId) ?? []).filter((row) => !sameLane(row, lane));
    lanes.set(nodeId, [...others, ...computed.map((interval) => ({ nodeId, sourceId, submod, interval }))]);
  }
  result.nodeIds = [...changed].sort();
  const stored = await fusedIntervals(client, trustDomainId, result.nodeIds);
  const names = await sourceNames(client, trustDomainId);
  const grounds = {
    lanes,
    stored: Map.groupBy(stored, ({ nodeId }) => nodeId),
    decisions: await decisionsByNode(scope, result.nodeIds),
    policy: await loadPolicyGrounds(client, trustDomainId, result.nodeIds),
  };
  result.fused = fuseNodes(scope, result.nodeIds, grounds, laneNamer(names));
  return result;
}

/** Write what was computed, under the same locks. */
export async function writeRederived(
  scope: Omit<ReviseScope, "nodes">,
  { heads, bases, supersede, add, fused, drifting }: Rederived,
): Promise<void> {
  const { client, trustDomainId, nowMs } = scope;
  for (const { base, ...lane } of bases) await laneBaseUpsert(client, trustDomainId, lane, base);
  await intervalSupersede(client, trustDomainId, supersede);
  await intervalInsert(client, trustDomainId, add);
  await laneUpsert(client, trustDomainId, heads);
  await writeFused(scope, fused);
  await driftMark(client, trustDomainId, drifting, new Date(nowMs));
}

const laneId = ({ nodeId, submod }: Pick<LaneKey, "nodeId" | "submod">) => `${nodeId} ${submod}`;
const sameLane = (a: LaneKey, b: LaneKey) => a.sourceId === b.sourceId && a.submod === b.submod;

/** The source's lanes of the nodes, each with what has to be done about it. */
async function believedLanes(
  { client, trustDomainId, nodes }: ReviseScope,
  { sourceId, kid, sinceMs, earliestMs, restores }: DistrustTask,
  { otherVoices, rules }: DistrustSource,
  rows: readonly (LaneKey & { interval: LaneInterval })[],
): Promise<Believed[]> {
  const nodeIds = [...nodes.keys()];
  const heads = await laneHeads(client, trustDomainId, sourceId, nodeIds);
  const open = new Map(heads.map((head) => [laneId(head), head.open]));
  const otherKids = rules.flatMap((rule) => (rule.kid === kid ? [] : rule.kid));
  const about = { sourceId, kid, fromMs: earliestMs, nodeIds };
  const lateRows = await lateEvidence(client, trustDomainId, about);
  const late = new Map(lateRows.map((lane) => [laneId(lane), lane.fromMs]));
  const others = new Set(otherVoices ? (await otherEvidence(client, trustDomainId, about)).map(laneId) : []);
  const ownRows = rows.filter((row) => row.sourceId === sourceId);
  return [...Map.groupBy(ownRows, laneId)].map(([id, lane]): Believed => {
    const { nodeId, submod } = lane[0] as LaneKey;
    const head = open.get(id);
    const intervals = lane.map(({ interval }) =>
      interval.toMs === null && head?.fromMs === interval.fromMs ? head : interval,
    );
    const plan = { kid, sinceMs, fromMs: earliestMs, restores, otherKids };
    const refold = planRefold(intervals, plan, late.get(id) ?? null, others.has(id));
    return { nodeId, sourceId, submod, intervals, refold };
  });
}

/**
 * The lanes that something has to be done about, with what stands before the kept log of each.
 *
 * The log was read before: nothing of it is dropped, and so no horizon moves, until the transaction ends.
 */
async function touchedLanes(
  { client, trustDomainId, nodes }: ReviseScope,
  { sourceId, kid, sinceMs }: DistrustTask,
  believed: readonly Believed[],
): Promise<Touched[]> {
  const nodeIds = [...nodes.keys()];
  const rows = await laneBases(client, trustDomainId, sourceId, nodeIds);
  const bases = new Map(rows.map((row) => [laneId(row), row.base]));
  const about = { sourceId, kid, fromMs: sinceMs, nodeIds };
  const lateRows = bases.size > 0 ? await lateKept(client, trustDomainId, about) : [];
  const late = new Map(lateRows.map((lane) => [laneId(lane), lane.fromMs]));
  return believed
    .map((lane) => {
      const voidFromMs = Math.min(sinceMs - LATE_MS, late.get(laneId(lane)) ?? Number.POSITIVE_INFINITY);
      return behindHorizon(lane, bases.get(laneId(lane)), { kid, sinceMs, voidFromMs });
    })
    .filter(({ refold }) => refold.kind !== "none");
}

/** What has to be done with a lane when the verdicts before its horizon are gone: the kept log goes on from there. */
function behindHorizon(
  lane: Believed,
  base: Horizon | undefined,
  rule: Parameters<typeof keepBefore>[2],
): Touched {
  if (!base) return { ...lane, kept: null };
  const { throughMs } = base;
  const kept = { ...keepBefore(lane.intervals, base, rule), throughMs };
  const { refold } = lane;
  const needsGone = refold.kind === "log" && (refold.restartMs === null || refold.restartMs < throughMs);
  if (!kept.changed && !needsGone) return { ...lane, kept: null };
  return { ...lane, kept, refold: { kind: "log", restartMs: throughMs } };
}

/** Verdicts that count, of the lanes that have to be folded from the log. */
async function verdictsByLane(
  { client, trustDomainId }: ReviseScope,
  { sourceId }: DistrustTask,
  rules: readonly DistrustRule[],
  touched: readonly Believed[],
): Promise<Map<string, FoldVerdict[]>> {
  const wanted = touched.flatMap(({ nodeId, submod, refold }) =>
    refold.kind === "log" ? [{ nodeId, submod, fromMs: refold.restartMs }] : [],
  );
  const byLane = new Map<string, FoldVerdict[]>();
  for (const row of await countedVerdicts(client, trustDomainId, sourceId, wanted, rules)) {
    const verdicts = byLane.get(laneId(row));
    if (verdicts) verdicts.push(row.verdict);
    else byLane.set(laneId(row), [row.verdict]);
  }
  return byLane;
}

/** The whole lane as it is now, from its first interval on. */
function computeLane(
  { intervals, refold, kept }: Touched,
  { limit, importing }: DistrustSource,
  nowMs: number,
  verdicts: readonly FoldVerdict[],
): LaneInterval[] {
  const judged = (heardMs: number | null) =>
    importing ? (heardMs ?? nowMs) : Math.max(nowMs, heardMs ?? nowMs);
  if (kept) {
    const heardMs = verdicts.reduce((newest, { atMs }) => Math.max(newest, atMs), kept.open.lastMs ?? 0);
    return [...kept.before, ...foldLane(verdicts, limit, judged(heardMs), extendRoll, kept.open)];
  }
  if (refold.kind === "log" && refold.restartMs !== null) {
    const { restartMs } = refold;
    const newestMs = Math.max(...verdicts.map(({ atMs }) => atMs));
    const before = intervals.filter(({ fromMs }) => fromMs < restartMs);
    return [...before, ...foldLane(verdicts, limit, judged(newestMs), extendRoll)];
  }
  const newestMs = verdicts.reduce<number | null>((newest, { atMs }) => Math.max(newest ?? atMs, atMs), null);
  const counted =
    refold.kind === "tail"
      ? reopen(refold.keep, limit, judged(lastHeardMs(refold.keep)), extendRoll)
      : foldLane(verdicts, limit, judged(newestMs), extendRoll);
  return keepVoid(intervals, counted);
}

/** Note what changes in one lane. @returns whether anything does */
function reviseLane(
  scope: ReviseScope,
  kid: string,
  { nodeId, sourceId, submod, intervals }: Believed,
  computed: readonly LaneInterval[],
  { heads, supersede, add, rested }: Rederived,
): boolean {
  const key = { nodeId, sourceId, submod };
  const recordedMs = recordingTime(scope, nodeId);
  const revision = reviseHistory(intervals, computed, sameWithCounters);
  for (const old of revision.supersede) {
    const counts = old.toMs === null && !isGap(old) ? { n: old.n, lastMs: old.lastMs, roll: old.roll } : null;
    supersede.push({ ...key, recordedMs, fromMs: old.fromMs, counts });
    if (isGap(old) || old.statement.kid !== kid) continue;
    rested.intervals += 1;
    rested.firstMs = Math.min(rested.firstMs, old.fromMs);
    rested.lastMs = Math.max(rested.lastMs, old.lastMs ?? old.fromMs);
  }
  for (const interval of revision.add) add.push({ ...key, recordedMs, interval });
  const changed = revision.supersede.length > 0 || revision.add.length > 0;
  const open = computed.at(-1);
  if (changed && open) heads.push({ ...key, open, lastMs: lastHeardMs(computed) ?? open.fromMs });
  return changed;
}

/** Also of an open interval: its counters are those of the hot row here, and verdicts may have gone from it. */
function sameWithCounters(a: LaneInterval, b: LaneInterval): boolean {
  return (
    a.evidenceKey === b.evidenceKey &&
    a.state === b.state &&
    a.reason === b.reason &&
    a.afterFailure === b.afterFailure &&
    a.n === b.n &&
    a.lastMs === b.lastMs &&
    a.roll === b.roll
  );
}
