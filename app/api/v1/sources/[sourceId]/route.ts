import { z } from "zod";
import { SourceQuery, SourceView } from "#lib/contracts/source";
import { route } from "#lib/server/http/route";
import { sourceKinds } from "#lib/server/runtime";
import { sourceGet } from "#lib/services/source/list";

/** GET /api/v1/sources/{sourceId} — one sender. */
export const GET = route({
  permission: "source:read",
  operation: "source.get",
  summary: "One source with its keys and traffic",
  schemas: { params: z.strictObject({ sourceId: z.uuid() }), query: SourceQuery },
  output: SourceView,
  handle: (ctx, { params, query }) => sourceGet(ctx, { ...query, ...params }, sourceKinds()),
});
