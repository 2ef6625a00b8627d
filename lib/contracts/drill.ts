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

export const DrillBook = z.strictObject({
  /** Days after which a recipe is due; measure M25 uses the same limit. */
  dueAfterDays: z.int(),
  /** Every recipe of this version. */
  recipes: z.array(
    z.strictObject({
      recipe: z.string(),
      version: z.int(),
      action: z.enum(ACTIONS),
      /** The last rehearsal that ended, with the steps of its nodes; `null` = none ever did. */
      drill: Run.extend({
        recipeVersion: z.int(),
        steps: z.array(
          z.strictObject({
            nodeName: z.string(),
            connectorKind: z.string(),
            verb: z.string(),
            /** `skipped` = it could be done, and was not. */
            state: z.enum(STEP_STATES),
            /** How long checking it took; `null` = it was not come to. */
            durationMs: z.int().nullable(),
            problem: z.string().nullable(),
          }),
        ),
      }).nullable(),
      /** The last time that it was carried out for real; `null` = it never was. */
      real: Run.nullable(),
      /** When it last succeeded, rehearsed or real; `null` = never. */
      provenAt: Instant.nullable(),
      /** It is to be rehearsed by then; `null` = at once, for it never succeeded. */
      dueAt: Instant.nullable(),
      due: z.boolean(),
    }),
  ),
});
export type DrillBook = z.infer<typeof DrillBook>;
