/** What differs between two instants of a node, two nodes, or a node and what a baseline expects of it. */
import { z } from "zod";
import { CHANGE_KINDS } from "#lib/domain/diff-measurements";
import { LAYERS } from "#lib/domain/layers";
import { Instant, Status, Uuid } from "./common.ts";
import { DriftAmount, FindingView } from "./drift.ts";
import { KnownAtOnlyQuery } from "./time.ts";

const CompareSide = z.string().max(200);

export const CompareQuery = z.strictObject({
  a: CompareSide.default("lastTrusted").meta({
    description:
      "An instant (ISO 8601, UTC), `now`, `lastTrusted`, `node:ID` with an optional `@` and one of these, or on one of the sides `baseline:ID`: what holds of that baseline for the node at the instant of the other side. `baseline:ID@VERSION` takes one version as if it held.",
  }),
  b: CompareSide.default("now").meta({ description: "The other side, in the same grammar." }),
  ...KnownAtOnlyQuery,
});
export type CompareQuery = z.infer<typeof CompareQuery>;

/** One difference; `null` on a side = not there. */
export const ChangeView = z.strictObject({
  path: z.string(),
  kind: z.enum(CHANGE_KINDS),
  a: z.string().nullable(),
  b: z.string().nullable(),
});
export type ChangeView = z.infer<typeof ChangeView>;

const LayerName = z.enum(LAYERS);
const LayerCounts = z.record(LayerName, z.int());

/** One lane on one side: what the comparison rests on. */
export const CompareLaneSide = z.strictObject({
  state: Status,
  since: Instant,
  /** The verdict in force; in a gap the last one before it. `null` when the log no longer holds it. */
  observedAt: Instant.nullable(),
  eventHash: z.string().nullable(),
  /** `null` = it carried no measurements. */
  measurementDigest: z.string().nullable(),
  measurements: z.int(),
});
export type CompareLaneSide = z.infer<typeof CompareLaneSide>;

export const CompareLane = z.strictObject({
  /** `<sourceId>/<submod>`. */
  key: z.string(),
  label: z.string(),
  /** `null` = this side has no such lane. */
  a: CompareLaneSide.nullable(),
  b: CompareLaneSide.nullable(),
  standing: z.array(ChangeView),
  claims: z.array(ChangeView),
  coverage: z.array(ChangeView),
  policies: z.array(ChangeView),
  verifier: z.array(ChangeView),
  measurements: z.array(z.strictObject({ ...ChangeView.shape, layer: LayerName })),
  /** Equal measurements per layer. */
  same: LayerCounts,
});
export type CompareLane = z.infer<typeof CompareLane>;

/** What one side turned out to be. */
export const ComparedSide = z.strictObject({
  /** The same side with every relative word resolved: absolute, to be kept in links. */
  ref: z.string(),
  nodeId: Uuid,
  displayName: z.string(),
  at: Instant,
  status: Status,
  since: Instant,
  reason: z.string(),
});
export type ComparedSide = z.infer<typeof ComparedSide>;

export const NodeComparison = z.strictObject({
  against: z.literal("node"),
  nodeId: Uuid,
  knownAt: Instant,
  a: ComparedSide,
  b: ComparedSide,
  /** Every difference counts once: one removed entry is one change. */
  counts: z.strictObject({ total: z.int(), added: z.int(), removed: z.int(), changed: z.int() }),
  /** Changed measurements of all lanes. */
  byLayer: LayerCounts,
  standing: z.array(ChangeView),
  identities: z.array(ChangeView),
  lanes: z.array(CompareLane),
});
export type NodeComparison = z.infer<typeof NodeComparison>;

/** The baseline that a node is compared with. */
export const ComparedBaseline = z.strictObject({
  /** The same side, to be kept in links. */
  ref: z.string(),
  id: Uuid,
  name: z.string(),
  /** What the node should be; `null` = nothing of the baseline held for it at that instant. */
  version: z.int().nullable(),
  /** What it may be besides. */
  accepted: z.array(z.int()),
  /** `false` = the version was asked for and is not what held for the node at that instant. */
  inForce: z.boolean(),
  /** Versions that can be asked for: signed, and rolled out at some time. */
  versions: z.array(z.int()),
});
export type ComparedBaseline = z.infer<typeof ComparedBaseline>;

/** One lane that the baseline speaks about. */
export const BaselineLane = z.strictObject({
  key: z.string(),
  label: z.string(),
  side: CompareLaneSide,
  /** What was compared was measured before the verdict in force, which carried no measurements. */
  measuredBefore: z.boolean(),
  ...DriftAmount,
  /** Layers with findings, from the firmware up. */
  layers: z.array(z.strictObject({ layer: LayerName, findings: z.array(FindingView) })),
  /** Findings that are counted but not listed. */
  unlisted: z.int(),
  /** Entries that are as expected, per layer. */
  same: LayerCounts,
});
export type BaselineLane = z.infer<typeof BaselineLane>;

export const BaselineComparison = z.strictObject({
  against: z.literal("baseline"),
  nodeId: Uuid,
  knownAt: Instant,
  /** Which of the sides is the baseline. */
  baselineSide: z.enum(["a", "b"]),
  node: ComparedSide,
  baseline: ComparedBaseline,
  /** Differences of all lanes. */
  differences: z.int(),
  /** By what drift is judged by: tolerances, accepted versions, exceptions, windows. */
  lanes: z.array(BaselineLane),
});
export type BaselineComparison = z.infer<typeof BaselineComparison>;

export const Comparison = z.discriminatedUnion("against", [NodeComparison, BaselineComparison]);
export type Comparison = z.infer<typeof Comparison>;
