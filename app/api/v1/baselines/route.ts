import { z } from "zod";
import { BaselineList, BaselineQuery, CreateBaselineBody } from "#lib/contracts/baseline";
import { readDocument } from "#lib/server/document-reader";
import { route } from "#lib/server/http/route";
import { createBaseline } from "#lib/services/baseline/create";
import { listBaselines } from "#lib/services/baseline/list";

/** GET /api/v1/baselines — every baseline, with how much of the fleet it covers and matches. */
export const GET = route({
  permission: "baseline:read",
  operation: "baseline.list",
  summary: "Baselines with coverage and match",
  schemas: { query: BaselineQuery },
  output: BaselineList,
  handle: (ctx) => listBaselines(ctx),
});

/** POST /api/v1/baselines — a new baseline with its first draft. */
export const POST = route({
  permission: "baseline:draft",
  idempotent: true,
  operation: "baseline.create",
  summary: "Create a baseline with a first draft",
  schemas: { body: CreateBaselineBody },
  output: z.strictObject({ id: z.uuid(), version: z.int() }),
  status: 201,
  maxBodyBytes: 16 * 1024 * 1024,
  handle: (ctx, { body }) => createBaseline(ctx, body, readDocument),
});
