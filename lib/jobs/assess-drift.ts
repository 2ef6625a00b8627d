/** Drift follows what was measured, expected and allowed: nodes about which any of it is new are assessed again. */
import { driftShareLock } from "#db/queries/drift-dirty";
import { type DirtyNode, driftDirty, driftDue, driftSettle } from "#db/queries/drift-grounds";
import {
  driftInsert,
  driftSupersede,
  exceptionMatched,
  type StoredFinding,
  storedFindings,
  storedIntervals,
} from "#db/queries/drift-write";
import { factInsertAll } from "#db/queries/feed";
import type { LaneKey } from "#db/queries/ingest-history";
import { notifyChange } from "#db/queries/ingest-log";
import { nodeLock } from "#db/queries/ingest-nodes";
import { sourceNames } from "#db/queries/ingest-source";
import { BY_INDEX, inTransaction, type SqlPool } from "#db/transaction";
import {
  type DriftStretch,
  type FindingStretch,
  findingKey,
  stitch,
  stretchKey,
} from "#lib/domain/drift-fold";
import { driftNews, type FindingTurn } from "#lib/domain/feed/news";
import { reviseHistory } from "#lib/domain/revise";
import { type DriftLine, foldDriftLines, laneId, readDriftEvidence } from "#lib/ingest/drift-lines";
import { DriftMemo, fingerprintOf } from "#lib/ingest/drift-memo";
import { policyAsksNodes } from "#lib/ingest/policy-grounds";
import { type ReviseScope, recordingTime, reviseNodes } from "#lib/ingest/revise-lanes";
import { laneNamer } from "#lib/ingest/store";
import { driftCourse } from "#lib/services/drift/grounds";
import { uuidv7 } from "#lib/services/uuidv7";
import type { Job } from "./job.ts";

/** Nodes per transaction: short enough that ingest never waits long for their locks. */
const BATCH = 100;

const memo = new DriftMemo();

export const assessDrift: Job = {
  name: "assess-drift",
  everyMs: 1_000,
  async run({ db, now }, signal) {
    const due = await driftDue(db.$client, now(), BATCH);
    for (const [trustDomainId, some] of Map.groupBy(due, (node) => node.trustDomainId)) {
      if (signal.aborted) return "idle";
      await assessNodes(db.$client, {
        trustDomainId,
        nodeIds: some.map(({ nodeId }) => nodeId),
        now: now(),
        memo,
      });
    }
    return due.length === BATCH ? "more" : "idle";
  },
};

/**
 * Assess the marked ones of some nodes of one domain, in one transaction, under their locks: a crash loses
 * neither drift nor marks, and a second process finds nothing left to do.
 *
 * @returns nodes of which something changed
 */
export function assessNodes(
  pool: SqlPool,
  task: { trustDomainId: string; nodeIds: readonly string[]; now: Date; memo: DriftMemo },
): Promise<string[]> {
  const { trustDomainId, nodeIds, now } = task;
  return inTransaction(
    pool,
    async (client) => {
      await driftShareLock(client, trustDomainId);
      const nodes = await nodeLock(client, trustDomainId, nodeIds);
      // Marks before what they stand for: one that comes in between is kept and costs another look.
      const dirty = await driftDirty(client, trustDomainId, nodeIds, now);
      if (dirty.length === 0) return [];
      const scope: ReviseScope = { client, trustDomainId, nowMs: now.getTime(), nodes };
      const lines = await foldNodes(scope, dirty, task.memo);
      const changed = await writeDrift(scope, dirty, lines);
      // A label marks its node too, and policies may ask for it where drift stays the same.
      const asked = (await policyAsksNodes(client, trustDomainId)) ? dirty.map(({ nodeId }) => nodeId) : [];
      const names = await sourceNames(client, trustDomainId);
      const moved = await reviseNodes(scope, new Set([...changed, ...asked]), laneNamer(names));
      await driftSettle(
        client,
        trustDomainId,
        dirty.map(({ nodeId, marks }) => ({ nodeId, marks, nextMs: nextOf(nodeId, lines) })),
      );
      if (changed.size > 0 || moved.length > 0)
        await notifyChange(client, trustDomainId, ["fleet", "nodes", "drift"], moved);
      return [...changed];
    },
    BY_INDEX,
  );
}

async function foldNodes(
  { client, trustDomainId, nowMs }: ReviseScope,
  dirty: readonly DirtyNode[],
  memory: DriftMemo,
): Promise<DriftLine[]> {
  const course = await driftCourse(client, trustDomainId);
  if (course.baselines.length === 0) return [];
  const evidence = await readDriftEvidence(client, trustDomainId, dirty);
  return foldDriftLines(course, evidence, dirty, nowMs, memory);
}

/** When a node changes by itself; `null` = never. */
function nextOf(nodeId: string, lines: readonly DriftLine[]): number | null {
  const instants = lines.flatMap((line) => (line.nodeId === nodeId ? (line.nextMs ?? []) : []));
  return instants.length > 0 ? Math.min(...instants) : null;
}

/** Correct what is stored from the marks on. @returns nodes of which something changed */
async function writeDrift(
  scope: ReviseScope,
  dirty: readonly DirtyNode[],
  computedLines: readonly DriftLine[],
): Promise<Set<string>> {
  const { client, trustDomainId } = scope;
  const lines = computedLines.map((line) => ({ ...line, findings: line.findings.map(fingerprinted) }));
  const oldIntervals = Map.groupBy(await storedIntervals(client, trustDomainId, dirty), laneId);
  const oldFindings = Map.groupBy(await storedFindings(client, trustDomainId, dirty), laneId);
  const computed = new Map(lines.map((line) => [laneId(line), line]));
  const marks = new Map(dirty.map(({ nodeId, fromMs }) => [nodeId, fromMs]));
  const lanes = new Map(
    [...lines, ...[...oldIntervals.values(), ...oldFindings.values()].flat()].map((lane) => [
      laneId(lane),
      lane,
    ]),
  );
  const intervals = { supersede: [], add: [] } as Revised<DriftStretch>;
  const findings = { supersede: [], add: [] } as Revised<StoredFinding>;
  for (const [id, { nodeId, sourceId, submod }] of lanes) {
    const key = { nodeId, sourceId, submod, recordedMs: recordingTime(scope, nodeId) };
    const fromMs = marks.get(nodeId) ?? 0;
    const line = computed.get(id);
    reviseLine(intervals, key, oldIntervals.get(id) ?? [], line?.intervals ?? [], fromMs, stretchKey);
    // Findings of one lane overlap: each fingerprint is a line of its own.
    const stored = Map.groupBy(oldFindings.get(id) ?? [], ({ fingerprint }) => fingerprint);
    const now = Map.groupBy(line?.findings ?? [], ({ fingerprint }) => fingerprint);
    for (const fingerprint of new Set([...stored.keys(), ...now.keys()])) {
      const [before, after] = [stored.get(fingerprint) ?? [], now.get(fingerprint) ?? []];
      reviseLine(findings, key, before, after, fromMs, ({ finding }) => findingKey(finding));
    }
  }
  await driftSupersede(client, trustDomainId, {
    intervals: intervals.supersede,
    findings: findings.supersede,
  });
  await driftInsert(client, trustDomainId, { intervals: intervals.add, findings: findings.add });
  await exceptionMatched(client, trustDomainId, exceptionMatches(findings));
  await factInsertAll(client, trustDomainId, factsOf(findings));
  const touched = [intervals.supersede, intervals.add, findings.supersede, findings.add].flat();
  return new Set(touched.map(({ nodeId }) => nodeId));
}

const fingerprinted = (stretch: FindingStretch): StoredFinding => ({
  ...stretch,
  fingerprint: fingerprintOf(stretch.finding),
});

type Stretch = { fromMs: number; toMs: number | null };
type Recorded = LaneKey & { recordedMs: number };
type Revised<S> = { supersede: (Recorded & S)[]; add: (Recorded & S)[] };

/** Note what of one line stops being believed and what is believed from now on. */
function reviseLine<S extends Stretch>(
  revised: Revised<S>,
  key: Recorded,
  stored: readonly S[],
  computed: readonly S[],
  fromMs: number,
  textOf: (stretch: S) => string,
): void {
  const after = stitch(stored, computed, fromMs, textOf);
  const { supersede, add } = reviseHistory(stored, after, (a, b) => textOf(a) === textOf(b));
  revised.supersede.push(...supersede.map((stretch) => ({ ...stretch, ...key })));
  revised.add.push(...add.map((stretch) => ({ ...stretch, ...key })));
}

/** What other systems are told; differences that somebody allowed beforehand are no news. */
function factsOf({ supersede, add }: Revised<StoredFinding>) {
  const told = (rows: readonly (Recorded & StoredFinding)[]) =>
    Map.groupBy(
      rows.filter(({ finding }) => finding.class !== "authorised"),
      laneId,
    );
  const [before, after] = [told(supersede), told(add)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((lane) => {
    const [old = [], now = []] = [before.get(lane), after.get(lane)];
    const { nodeId = "", recordedMs = 0 } = now[0] ?? old[0] ?? {};
    const at = new Date(recordedMs);
    return driftNews(old.map(turnOf), now.map(turnOf)).map((fact) => ({ id: uuidv7(at), nodeId, at, fact }));
  });
}

function turnOf({
  finding,
  fingerprint,
  fromMs,
  toMs,
  sourceId,
  submod,
}: Recorded & StoredFinding): FindingTurn {
  const { path, kind, layer, effect, why, expected, actual, baselineId, baselineVersion, score } = finding;
  const where = { sourceId, submod, baselineId, baselineVersion, fromMs, toMs };
  const isExcepted = finding.exceptionId !== null;
  return {
    ...{
      fingerprint,
      path,
      difference: kind,
      layer,
      class: finding.class,
      effect,
      why,
      expected,
      actual,
      score,
    },
    ...{ ...where, isExcepted },
  };
}

/** Findings that exceptions decide from now on; one that only lasted longer or shorter is none. */
function exceptionMatches({
  supersede,
  add,
}: Revised<StoredFinding>): Map<string, { n: number; lastMs: number }> {
  const textOf = (row: Recorded & StoredFinding) =>
    `${laneId(row)} ${row.fingerprint} ${row.finding.exceptionId ?? ""}`;
  const known = new Set(supersede.map(textOf));
  const matches = new Map<string, { n: number; lastMs: number }>();
  for (const row of add) {
    const { exceptionId } = row.finding;
    if (exceptionId === null || known.has(textOf(row))) continue;
    const { n, lastMs } = matches.get(exceptionId) ?? { n: 0, lastMs: Number.NEGATIVE_INFINITY };
    matches.set(exceptionId, { n: n + 1, lastMs: Math.max(lastMs, row.fromMs) });
  }
  return matches;
}
