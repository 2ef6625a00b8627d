/** Containment without a person: what is set, and what it did or would have done. */
import { z } from "zod";
import { AUTOMATIC_MODES, HOLDS } from "#lib/domain/automatic";
import { REMEDIATION_REASON_MIN } from "#lib/domain/remediation";
import { Instant, Uuid } from "./common.ts";

export const AutomaticBody = z.strictObject({
  mode: z.enum(AUTOMATIC_MODES),
  /** Of the setting that was seen: one that was changed meanwhile is refused. */
  revision: z.int().min(0),
  reason: z.string().trim().min(REMEDIATION_REASON_MIN).max(1_000),
});
export type AutomaticBody = z.infer<typeof AutomaticBody>;

export const AutomaticSettingView = z.strictObject({
  mode: z.enum(AUTOMATIC_MODES),
  /** 0 = it was never set. */
  revision: z.int(),
  /** Failures from before are left alone; `null` = it was never set. */
  since: Instant.nullable(),
  /** Who set it; `null` = nobody, or their account is gone. */
  changedBy: z.string().nullable(),
  /** Why; `null` = it was never set, or before reasons were kept. */
  reason: z.string().nullable(),
});
export type AutomaticSettingView = z.infer<typeof AutomaticSettingView>;

export const AutomaticReport = z.strictObject({
  setting: AutomaticSettingView,
  /** Domain that the setting is of. */
  domain: z.strictObject({ id: Uuid, name: z.string() }),
  /** What would hold back the next failure, whatever it is. */
  breaker: z.strictObject({
    /** Failures that look like one cause: nothing is automatic while they last. `null` = there are none. */
    storm: z
      .strictObject({ nodes: z.int(), pools: z.array(z.string()), reason: z.string(), since: Instant })
      .nullable(),
    /** The oldest incident whose breaker is on; `null` = no breaker is. */
    incident: z.strictObject({ id: Uuid, title: z.string() }).nullable(),
    /** What people hold back. */
    pauses: z.array(z.strictObject({ reason: z.string(), madeBy: z.string().nullable(), until: Instant })),
    /** How many nodes may still be taken now, of how many within ten minutes. */
    budget: z.strictObject({ left: z.int(), perWindow: z.int() }),
  }),
  /** What was said since it is set as it is. */
  sums: z.strictObject({ acts: z.int(), held: z.int() }),
  /** The newest 200 failures that were judged. */
  items: z.array(
    z.strictObject({
      nodeId: Uuid,
      nodeName: z.string(),
      failedAt: Instant,
      judgedAt: Instant,
      mode: z.enum(AUTOMATIC_MODES),
      /** `acts` in shadow = it would have acted. */
      outcome: z.enum(["acts", "held"]),
      heldBy: z.enum(HOLDS).nullable(),
      why: z.string(),
      /** What decided that the node failed; `null` = the built-in policy. */
      policyVersion: z.string().nullable(),
      /** Hex digest of the verdict. */
      evidenceDigest: z.string().nullable(),
      /** `null` = nothing was asked for. */
      requestId: Uuid.nullable(),
    }),
  ),
});
export type AutomaticReport = z.infer<typeof AutomaticReport>;

/** Something is wrong with what was done to a node. */
export const RemediationAlarms = z.strictObject({
  items: z.array(
    z.strictObject({
      nodeId: Uuid,
      nodeName: z.string(),
      requestId: Uuid,
      /** `incomplete` = not done as it was asked for; `drifted` = it did not last. */
      kind: z.enum(["incomplete", "drifted"]),
      detail: z.string(),
      raisedAt: Instant,
      /** Page under `docs/runbooks`, without extension. */
      runbook: z.string(),
    }),
  ),
});
export type RemediationAlarms = z.infer<typeof RemediationAlarms>;

export const AlarmQuery = z.strictObject({ nodeId: Uuid.optional() });
