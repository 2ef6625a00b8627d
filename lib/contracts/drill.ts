/** Rehearsals of recipes: when each was last rehearsed or carried out, and what came of it. */
import { z } from "zod";
import { ACTIONS, REQUEST_STATES } from "#lib/domain/remediation";
import { STEP_STATES } from "#lib/domain/remediation-plan";
import { Instant, Uuid } from "./common.ts";

const Run = z.strictObject({
  requestId: Uuid,
  startedAt: Instant,
  endedAt: Instant,
  state: z.enum(REQUEST_STATES),
  /** `null` = a policy. */
  requestedBy: z.string().nullable(),
  outcome: z.string().nullable(),
  nodes: z.strictObject({ total: z.int(), names: z.array(z.string()) }),
});

const Step = z.strictObject({
  nodeName: z.string(),
  connectorKind: z.string(),
  verb: z.string(),
  /** Of a rehearsal: `skipped` = it could be done, and was not. */
  state: z.enum(STEP_STATES),
  startedAt: Instant.nullable(),
  /** How long doing or checking it took; `null` = it was not come to, or goes on. */
  durationMs: z.int().nullable(),
  /** What was seen on the target, in its words; `null` = nothing, or it was a rehearsal. */
  observed: z.string().nullable(),
  problem: z.string().nullable(),
});

export const DrillBook = z.strictObject({
  /** Days after which a recipe is due; measure M25 uses the same limit. */
  dueAfterDays: z.int(),
  /** Nodes on which recipes may be drilled for real, those first whose marks end first; 200 at most. */
  marks: z.array(
    z.strictObject({
      nodeId: Uuid,
      nodeName: z.string(),
      reason: z.string(),
      by: z.string(),
      since: Instant,
      until: Instant,
    }),
  ),
  /** Every recipe of this version. */
  recipes: z.array(
    z.strictObject({
      recipe: z.string(),
      version: z.int(),
      action: z.enum(ACTIONS),
      /** The last rehearsal that ended, with the steps of its nodes; `null` = none ever did. */
      drill: Run.extend({
        recipeVersion: z.int(),
        steps: z.array(Step),
      }).nullable(),
      /** The drill on a sacrificial node that began last; `null` = none ever did. */
      realDrill: Run.extend({
        recipeVersion: z.int(),
        /** `null` = it goes on, or waits for people. */
        endedAt: Instant.nullable(),
        steps: z.array(Step),
      }).nullable(),
      /** When a drill for real last succeeded; `null` = never. */
      drilledAt: Instant.nullable(),
      /** That is longer ago than the limit, or was never. */
      drillDue: z.boolean(),
      /** The last time that it was carried out because it was needed; `null` = it never was. */
      real: Run.nullable(),
      /** When it last succeeded, rehearsed, drilled or needed; `null` = never. */
      provenAt: Instant.nullable(),
      /** It is to be rehearsed by then; `null` = at once, for it never succeeded. */
      dueAt: Instant.nullable(),
      due: z.boolean(),
    }),
  ),
});
export type DrillBook = z.infer<typeof DrillBook>;
