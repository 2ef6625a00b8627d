/** What drift is at an instant, looked at alone; and whether that is what is recorded there. */
import type { Pool } from "pg";
import { selectorNodes } from "#db/queries/selector-node";
import { inTransaction } from "#db/transaction";
import type { SelectorNode } from "#lib/domain/baseline";
import { shareOf, versionsFor } from "#lib/domain/baseline-course";
import { type Assessment, assessDrift, type Version } from "#lib/domain/drift-classify";
import { fingerprintText } from "#lib/domain/drift-compare";
import { sha256 } from "#lib/ingest/digest";
import { matcherOf } from "#lib/policy/patterns";
import { compileSelector } from "#lib/policy/selector";
import { type DriftCourse, driftCourse } from "#lib/services/drift/grounds";
import type { Said } from "#tests/prove/drift-history";

type Question = {
  trustDomainId: string;
  sourceId: string;
  /** Everything that was ever said, whenever it arrived. */
  said: readonly Said[];
  nowMs: number;
};

type Lane = { node: SelectorNode; submod: string; said: readonly Said[] };

/** Compare every lane at every instant at which anything begins or ends, and in the middle between two. */
export async function driftAgrees(
  pool: Pool,
  { trustDomainId, sourceId, said, nowMs }: Question,
): Promise<{ instants: number; wrong: number }> {
  const { course, nodes } = await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string }>("SELECT id FROM node WHERE trust_domain_id = $1", [
      trustDomainId,
    ]);
    const ids = rows.map(({ id }) => id);
    return {
      course: await driftCourse(client, trustDomainId),
      nodes: [...(await selectorNodes(client, trustDomainId, ids)).values()],
    };
  });
  const instants = instantsOf(course, said).filter((atMs) => atMs <= nowMs);
  const recorded = await recordedDrift(pool, trustDomainId);
  let [compared, wrong] = [0, 0];
  const byLane = Map.groupBy(said, ({ node, submod }) => JSON.stringify([node, submod]));
  for (const own of byLane.values()) {
    const node = nodes.find(({ name }) => name === own[0]?.node);
    const submod = own[0]?.submod ?? "";
    if (!node) throw new Error("a node is not there");
    const lane = { node, submod, said: own };
    for (const atMs of instants) {
      compared += 1;
      const there = recorded.filter(
        (row) =>
          row.nodeId === node.id &&
          row.submod === submod &&
          row.fromMs <= atMs &&
          (row.toMs ?? Infinity) > atMs,
      );
      const expected = lookAt(course, lane, sourceId, atMs);
      const words = there.map(({ text }) => text).sort();
      if (JSON.stringify(words) !== JSON.stringify(expected.sort())) wrong += 1;
    }
  }
  return { instants: compared, wrong };
}

/** All beginnings and ends, and a point between each two. */
function instantsOf(
  { baselines, exceptions, windows, settings }: DriftCourse,
  said: readonly Said[],
): number[] {
  const spans = [...baselines.flatMap(({ rollouts }) => rollouts), ...exceptions, ...windows];
  const ends = [
    ...said.map(({ atMs }) => atMs),
    ...spans.flatMap(({ fromMs, toMs }) => (toMs === null ? [fromMs] : [fromMs, toMs])),
    ...settings.map(({ fromMs }) => fromMs),
  ].filter(Number.isFinite);
  const sorted = [...new Set(ends)].sort((a, b) => a - b);
  return sorted.flatMap((atMs, index) => {
    const next = sorted[index + 1];
    return next === undefined ? [atMs, atMs + 1] : [atMs, atMs + Math.floor((next - atMs) / 2)];
  });
}

/** What the lane said last by the instant, against what held then. Nothing of it is folded. */
function lookAt(course: DriftCourse, { node, submod, said }: Lane, sourceId: string, atMs: number): string[] {
  const holds = ({ fromMs, toMs }: { fromMs: number; toMs: number | null }) =>
    fromMs <= atMs && (toMs === null || atMs < toMs);
  const matches = (text: string, of: SelectorNode) => {
    const selector = compileSelector(text);
    return selector.ok && selector.matches(of);
  };
  const last = said
    .filter((statement) => statement.measurements !== null && statement.atMs <= atMs)
    .sort((a, b) => a.atMs - b.atMs)
    .at(-1);
  if (!last?.measurements) return [];
  const expectations = course.baselines.flatMap((baseline) => {
    const speaks =
      (baseline.sourceId ?? sourceId) === sourceId &&
      (baseline.submod ?? submod) === submod &&
      (baseline.selector === "" || matches(baseline.selector, node));
    const { target, accepted } = versionsFor(baseline.rollouts, node, atMs, shareOf(node.id), matches);
    const reference = target ?? accepted.at(-1);
    if (!speaks || reference === undefined) return [];
    const version = (number: number): Version => {
      const content = baseline.contents.get(number);
      if (!content) throw new Error("a version is not there");
      return { version: number, content, ignores: matcherOf(content.ignore) };
    };
    return [
      {
        id: baseline.id,
        name: baseline.name,
        target: version(reference),
        accepted: accepted.filter((number) => number !== reference).map(version),
        exceptions: course.exceptions
          .filter(
            (one) =>
              holds(one) && (one.baselineId ?? baseline.id) === baseline.id && matches(one.selector, node),
          )
          .map(({ id, pattern }) => ({ id, matches: matcherOf([pattern]) })),
      },
    ];
  });
  if (expectations.length === 0) return [];
  const setting = course.settings.findLast(({ fromMs }) => fromMs <= atMs);
  if (!setting) throw new Error("some settings always hold");
  const assessment = assessDrift(last.measurements, expectations, {
    windows: course.windows.filter((one) => holds(one) && matches(one.selector, node)),
    settings: setting.settings,
    role: node.labels.role ?? null,
  });
  return wordsOf(assessment);
}

function wordsOf({ worst, effect, score, reason, list }: Assessment): string[] {
  return [
    JSON.stringify(["lane", worst, effect, score, reason]),
    ...list.map((one) =>
      JSON.stringify([
        sha256(fingerprintText(one.baselineId, one)),
        one.baselineVersion,
        one.class,
        one.rule,
        one.why,
        one.effect,
        one.score,
        one.exceptionId,
        one.windowId,
      ]),
    ),
  ];
}

type Recorded = { nodeId: string; submod: string; fromMs: number; toMs: number | null; text: string };

/** Everything about drift that is believed now, in the same words. */
async function recordedDrift(pool: Pool, trustDomainId: string): Promise<Recorded[]> {
  const span = `node_id AS "nodeId", submod, (extract(epoch FROM valid_from) * 1000)::float8 AS "fromMs",
    (extract(epoch FROM valid_to) * 1000)::float8 AS "toMs"`;
  const where = "WHERE trust_domain_id = $1 AND recorded_to IS NULL";
  const { rows: lanes } = await pool.query(
    `SELECT ${span}, worst, effect, score, reason FROM drift_interval ${where}`,
    [trustDomainId],
  );
  const { rows: findings } = await pool.query(
    `SELECT ${span}, encode(fingerprint, 'hex') AS fingerprint, baseline_version, class, rule, why, effect, score,
       exception_id, window_id FROM drift_finding ${where}`,
    [trustDomainId],
  );
  return [
    ...lanes.map((row) => ({
      ...row,
      text: JSON.stringify(["lane", row.worst, row.effect, row.score, row.reason]),
    })),
    ...findings.map((row) => ({
      ...row,
      text: JSON.stringify([
        row.fingerprint,
        row.baseline_version,
        row.class,
        row.rule,
        row.why,
        row.effect,
        row.score,
        row.exception_id,
        row.window_id,
      ]),
    })),
  ];
}
