/** A node at an instant against what a baseline expected of it then, judged as drift is judged. */
import { clientOf } from "#db/client";
import { laneMeasuredList } from "#db/queries/node-at";
import { selectorNodes } from "#db/queries/selector-node";
import type {
  BaselineComparison,
  BaselineLane,
  ComparedBaseline,
  CompareLaneSide,
} from "#lib/contracts/compare";
import type { FindingView } from "#lib/contracts/drift";
import type { BaselineContent, SelectorNode } from "#lib/domain/baseline";
import { asIfTarget, type BaselineCourse } from "#lib/domain/baseline-course";
import { perLayer } from "#lib/domain/compare-nodes";
import { type CompareRef, formatCompareRef } from "#lib/domain/compare-ref";
import type { Assessment, ClassifiedFinding } from "#lib/domain/drift-classify";
import { compareWithBaseline as differencesFrom } from "#lib/domain/drift-compare";
import { foldDrift } from "#lib/domain/drift-fold";
import { LAYERS, type Layer, layerOf } from "#lib/domain/layers";
import type { Measurements } from "#lib/domain/verdict";
import { matcherOf } from "#lib/policy/patterns";
import { TOOLS } from "#lib/services/baseline/tools";
import type { ServiceContext } from "#lib/services/context";
import {
  assessorOf,
  type DriftCourse,
  driftCourse,
  heldVersions,
  laneGrounds,
} from "#lib/services/drift/grounds";
import { laneKey, type NodeSide, refusal, type SideName } from "./compare-side.ts";

type Asked = { name: SideName; ref: Extract<CompareRef, { kind: "baseline" }>; node: NodeSide };
type Compared = Omit<BaselineComparison, "nodeId" | "knownAt">;

/**
 * What of a baseline held for the node at its instant, or one version as if it had, against what the
 * node's lanes had measured last by then.
 *
 * Rollouts, exceptions and windows are only ever ended, so what held at an instant reads the same later;
 * labels and identities keep no history and are those of today, as they are for drift.
 *
 * @throws {ProblemError} `request/invalid` for a baseline or a version that cannot be compared with
 */
export async function compareWithBaseline(
  ctx: ServiceContext,
  scope: readonly string[],
  { name, ref, node }: Asked,
): Promise<Compared> {
  const { trustDomainId, moment } = node;
  const atMs = moment.asOf.getTime();
  const measured = await laneMeasuredList(ctx.db, scope, moment);
  const { course, self } = await ctx.db.transaction(
    async (tx) => {
      const client = clientOf(tx);
      const seen = await selectorNodes(client, trustDomainId, [moment.nodeId]);
      return { course: await driftCourse(client, trustDomainId), self: seen.get(moment.nodeId) };
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
  const baseline = course.baselines.find(({ id }) => id === ref.baselineId);
  if (!baseline || !self) {
    throw refusal(name, "The node's trust domain has no such baseline that was ever rolled out.");
  }
  if (ref.version !== null && !baseline.contents.has(ref.version)) {
    throw refusal(name, `The baseline has no signed version ${ref.version} that was ever rolled out.`);
  }
  const asked = ref.version === null ? baseline : asIfTarget(baseline, ref.version, atMs);
  const compare = laneComparer({ ...course, baselines: [asked] }, asked, self, atMs);
  const lanes = measured.flatMap((row): BaselineLane[] => {
    const side = node.lanes.get(laneKey(row));
    const label = node.facts.lanes.find(({ key }) => key === laneKey(row))?.label;
    const compared = side && label !== undefined ? compare(row) : null;
    return side && label !== undefined && compared ? [laneView(row, { side, label, ...compared })] : [];
  });
  return {
    against: "baseline",
    baselineSide: name,
    node: node.view,
    baseline: { ref: formatCompareRef(ref), ...baselineView(baseline, asked, self, atMs) },
    differences: lanes.reduce((sum, { findings }) => sum + totalOf(findings), 0),
    lanes: lanes.sort((x, y) => (x.label < y.label ? -1 : +(x.label > y.label))),
  };
}

function baselineView(
  baseline: BaselineCourse,
  asked: BaselineCourse,
  self: SelectorNode,
  atMs: number,
): Omit<ComparedBaseline, "ref"> {
  const [held, compared] = [baseline, asked].map((course) =>
    course.selector === "" || TOOLS.matches(course.selector, self) ? heldVersions(course, self, atMs) : null,
  );
  return {
    id: baseline.id,
    name: baseline.name,
    version: compared?.target ?? null,
    accepted: [...(compared?.accepted ?? [])],
    inForce: held?.target !== undefined && held.target === compared?.target,
    versions: [...baseline.contents.keys()].sort((x, y) => x - y),
  };
}

type Row = { sourceId: string; submod: string; digest: string; measurements: Measurements };
type LaneAnswer = { assessment: Assessment; content: BaselineContent | undefined };

/** Judges what a lane measured by the one baseline of a course; `null` = it says nothing about the lane. */
function laneComparer(
  course: DriftCourse,
  baseline: BaselineCourse,
  self: SelectorNode,
  atMs: number,
): (row: Row) => LaneAnswer | null {
  const held = heldVersions(baseline, self, atMs);
  const content = held ? baseline.contents.get(held.target) : undefined;
  return (row) => {
    const assess = assessorOf(course, self, new Map([[row.digest, row.measurements]]), {
      assess: (_, make) => make(),
      compared: 0,
    });
    const moment = [{ fromMs: atMs, toMs: atMs + 1, digest: row.digest }];
    const [stretch] = foldDrift(laneGrounds(course, self, row, moment), assess).intervals;
    return stretch ? { assessment: stretch.assessment, content } : null;
  };
}

function laneView(
  row: Row,
  { assessment, content, side, label }: LaneAnswer & { side: CompareLaneSide; label: string },
): BaselineLane {
  const { worst, effect, score, findings, reason, list } = assessment;
  return {
    key: laneKey(row),
    label,
    side,
    measuredBefore: side.measurementDigest !== row.digest,
    worst,
    effect,
    score,
    findings,
    reason,
    layers: LAYERS.flatMap((layer) => {
      const own = list.filter((finding) => finding.layer === layer).sort(byPath);
      return own.length > 0 ? [{ layer, findings: own.map(findingView) }] : [];
    }),
    unlisted: totalOf(findings) - list.length,
    same: content ? sameEntries(content, row.measurements) : perLayer([]),
  };
}

const totalOf = (findings: BaselineLane["findings"]) =>
  Object.values(findings).reduce((sum, count) => sum + count, 0);

const byPath = (x: ClassifiedFinding, y: ClassifiedFinding) => (x.path < y.path ? -1 : +(x.path > y.path));

function findingView({
  layer: _,
  exceptionId: __,
  windowId: ___,
  ...finding
}: ClassifiedFinding): FindingView {
  return { ...finding, expected: [...finding.expected] };
}

/** Entries that are as the content expects, per layer; what it ignores is not compared. */
function sameEntries(content: BaselineContent, measured: Measurements): Record<Layer, number> {
  const ignores = matcherOf(content.ignore);
  const differing = new Set(differencesFrom(content, measured, ignores).map(({ path }) => path));
  const same = Object.keys(content.entries).filter((path) => !differing.has(path) && !ignores(path));
  return perLayer(same.map(layerOf));
}
