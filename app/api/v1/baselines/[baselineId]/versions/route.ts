import { z } from "zod";
import { DraftBody } from "#lib/contracts/baseline";
import { readDocument } from "#lib/server/document-reader";
import { route } from "#lib/server/http/route";
import { draftVersion } from "#lib/services/baseline/draft";

/** POST /api/v1/baselines/{baselineId}/versions — a new draft; a draft before it is withdrawn. */
export const POST = route({
  permission: "baseline:draft",
  idempotent: true,
  operation: "baseline.draft",
  summary: "Add a draft version",
  schemas: { params: z.strictObject({ baselineId: z.uuid() }), body: DraftBody },
  output: z.strictObject({ version: z.int() }),
  status: 201,
  maxBodyBytes: 16 * 1024 * 1024,
  handle: (ctx, { params, body }) => draftVersion(ctx, { ...body, ...params }, readDocument),
});
