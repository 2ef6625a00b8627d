/** How heavily differences weigh, and from which sums on they degrade or fail a node. */
import { z } from "zod";
import type { ToleranceEffect } from "#lib/domain/baseline";
import { DRIFT_CLASSES } from "#lib/domain/drift";
import { SETTING_LIMITS } from "#lib/domain/drift-settings";
import { LAYERS } from "#lib/domain/layers";
import { Instant, Uuid } from "./common.ts";
import { presentQuery } from "./time.ts";

const Threshold = z.int().min(1).max(SETTING_LIMITS.threshold).nullable();

const LayerSetting = z
  .strictObject({
    /** What one difference of each class adds to the layer's sum. */
    weights: z.record(z.enum(DRIFT_CLASSES), z.int().min(0).max(SETTING_LIMITS.weight)),
    /** Sum of a layer from which on the node is degraded at least; `null` = never. */
    degradeAt: Threshold,
    /** Sum from which on the node fails; `null` = never. */
    failAt: Threshold,
  })
  .refine(({ degradeAt, failAt }) => degradeAt === null || failAt === null || degradeAt < failAt, {
    error: "A node is degraded at a lower sum than it fails at.",
    path: ["failAt"],
  });

export const Settings = z.record(z.enum(LAYERS), LayerSetting);
export type Settings = z.infer<typeof Settings>;

export const DriftSettingsQuery = z.strictObject(
  presentQuery(
    "these are the settings that hold now; their history says what held before, and each stretch of drift names its version.",
  ),
);

export const DriftSettingsView = z.strictObject({
  /** Name of the trust domain for which they hold; each has its own. */
  trustDomain: z.string(),
  /** 0 = nobody set anything: the built-in ones hold. */
  version: z.int(),
  settings: Settings,
  defaults: Settings,
  /** Versions from the newest on, the first 50. */
  history: z.array(
    z.strictObject({ version: z.int(), at: Instant, by: z.string().nullable(), reason: z.string() }),
  ),
});
export type DriftSettingsView = z.infer<typeof DriftSettingsView>;

export const SetDriftSettingsBody = z.strictObject({
  /** The version that was looked at. When another one holds meanwhile, nothing is saved. */
  version: z.int().min(0),
  settings: Settings,
  reason: z.string().trim().min(10).max(1_000),
});
export type SetDriftSettingsBody = z.infer<typeof SetDriftSettingsBody>;

export const DriftSettingsSet = z.strictObject({ version: z.int() });
export type DriftSettingsSet = z.infer<typeof DriftSettingsSet>;

export const PreviewDriftSettingsBody = z.strictObject({ settings: Settings });
export type PreviewDriftSettingsBody = z.infer<typeof PreviewDriftSettingsBody>;

/** What the differences of a node do to it, from the mildest on; `none` = it shows none. */
export const NODE_EFFECTS = ["none", "note", "degrade", "fail"] as const satisfies readonly (
  | ToleranceEffect
  | "none"
)[];
const Effect = z.enum(NODE_EFFECTS);

export const DriftSettingsPreview = z.strictObject({
  /** Nodes that are compared with a baseline. */
  nodes: z.int(),
  /** How many of them are where, now and under the proposed settings. */
  effects: z.array(z.strictObject({ effect: Effect, current: z.int(), proposed: z.int() })),
  moves: z.strictObject({
    total: z.int(),
    /** The first 200 by name. */
    items: z.array(
      z.strictObject({ nodeId: Uuid, name: z.string(), from: Effect, to: Effect, why: z.string() }),
    ),
  }),
  /** Differences that are there now, and those that would weigh something else. */
  findings: z.strictObject({ total: z.int(), reweighed: z.int() }),
  /** Nodes with more differences than are kept one by one: they may be judged too mildly here. */
  partial: z.int(),
  /** Whether every node was asked; else the first 20,000 that differ. */
  complete: z.boolean(),
});
export type DriftSettingsPreview = z.infer<typeof DriftSettingsPreview>;
