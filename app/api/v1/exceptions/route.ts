import { DriftDecided, IgnoreDriftBody } from "#lib/contracts/drift-group";
import { ExceptionList, ExceptionListQuery } from "#lib/contracts/exception";
import { route } from "#lib/server/http/route";
import { ignoreDrift } from "#lib/services/drift-group/ignore";
import { exceptions } from "#lib/services/exception/list";

/** GET /api/v1/exceptions — what is ignored, what nobody needed, what is over. */
export const GET = route({
  permission: "drift:read",
  operation: "exception.list",
  summary: "Exceptions from baselines",
  schemas: { query: ExceptionListQuery },
  output: ExceptionList,
  handle: (ctx, { query }) => exceptions(ctx, query),
});

/** POST /api/v1/exceptions — ignore groups of drift, for a time. */
export const POST = route({
  permission: "exception:manage",
  idempotent: true,
  operation: "drift.ignore",
  summary: "Ignore groups of drift: makes exceptions that expire",
  schemas: { body: IgnoreDriftBody },
  output: DriftDecided,
  status: 201,
  handle: (ctx, { body }) => ignoreDrift(ctx, body),
});
