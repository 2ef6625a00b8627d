/** Where the evidence of a node differs from its baselines. */
import { z } from "zod";
import { TOLERANCE_EFFECTS } from "#lib/domain/baseline";
import { CHANGE_KINDS } from "#lib/domain/diff-measurements";
import { DRIFT_CLASSES } from "#lib/domain/drift";
import { LAYERS } from "#lib/domain/layers";
import { Instant, Uuid } from "./common.ts";
import { EventHash } from "./node.ts";
import { TimePointAnswer, TimePointQuery } from "./time.ts";

export const NodeDriftQuery = z.strictObject(TimePointQuery);
export type NodeDriftQuery = z.infer<typeof NodeDriftQuery>;

const Class = z.enum(DRIFT_CLASSES);
const Effect = z.enum(TOLERANCE_EFFECTS);

/** One difference and what it is. */
export const FindingView = z.strictObject({
  baselineId: Uuid,
  baselineVersion: z.int(),
  path: z.string(),
  kind: z.enum(CHANGE_KINDS),
  /** Accepted values; empty for an addition. */
  expected: z.array(z.string()),
  /** `null` = the evidence has no such entry. */
  actual: z.string().nullable(),
  class: Class,
  /** The rule that decided the class, and why, as a short sentence. */
  rule: z.string(),
  why: z.string(),
  effect: Effect,
  score: z.number(),
});
export type FindingView = z.infer<typeof FindingView>;

export const DriftFindingView = z.strictObject({
  /** SHA-256 in hex: equal on every node with the same change. */
  fingerprint: z.string(),
  ...FindingView.shape,
  /** Since when it has been so. */
  since: Instant,
  /** Other nodes with the same change at the same instant. */
  otherNodes: z.int(),
  /** For registers: the verdict that it began with, when its evidence carries a log that tells what was measured. */
  logEventHash: EventHash.nullable(),
  /** The maintenance window that authorised it; `null` = none did. */
  window: z.strictObject({ id: Uuid, name: z.string(), until: Instant }).nullable(),
});
export type DriftFindingView = z.infer<typeof DriftFindingView>;

/** What the comparison of a lane amounts to. */
export const DriftAmount = {
  /** `null` = nothing differs. */
  worst: Class.nullable(),
  effect: Effect.nullable(),
  score: z.number(),
  /** How many findings of each class; those that are not listed are counted too. */
  findings: z.record(Class, z.int()),
  reason: z.string(),
};

export const DriftLaneView = z.strictObject({
  sourceId: Uuid,
  label: z.string(),
  since: Instant,
  ...DriftAmount,
  /** What it was compared with; of several versions in force the one that fits best. */
  baselines: z.array(z.strictObject({ id: Uuid, name: z.string(), version: z.int() })),
  measurementDigest: z.string(),
  settingVersion: z.int(),
  /** Layers with findings, from the firmware up. */
  layers: z.array(z.strictObject({ layer: z.enum(LAYERS), findings: z.array(DriftFindingView) })),
  /** Findings that are counted but not listed. */
  unlisted: z.int(),
});
export type DriftLaneView = z.infer<typeof DriftLaneView>;

export const NodeDrift = z.strictObject({
  nodeId: Uuid,
  ...TimePointAnswer,
  /** The node waits to be compared again, so what is said here may change within moments; false for the past. */
  waiting: z.boolean(),
  /** Lanes that are compared with a baseline; empty = none is. */
  lanes: z.array(DriftLaneView),
});
export type NodeDrift = z.infer<typeof NodeDrift>;
