import { z } from "zod";
import { route } from "#lib/server/http/route";
import { discardDraft } from "#lib/services/baseline/discard";

/** POST /api/v1/baselines/{baselineId}/versions/{version}/discard — take a draft back. */
export const POST = route({
  permission: "baseline:draft",
  idempotent: true,
  operation: "baseline.discard",
  summary: "Discard a draft version",
  schemas: {
    params: z.strictObject({ baselineId: z.uuid(), version: z.coerce.number().int().min(1).max(1_000_000) }),
    body: z.strictObject({}),
  },
  output: z.strictObject({}),
  async handle(ctx, { params }) {
    await discardDraft(ctx, params);
    return {};
  },
});
