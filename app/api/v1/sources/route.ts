import { CreateSourceBody, SourceList, SourceQuery, SourceView } from "#lib/contracts/source";
import { route } from "#lib/server/http/route";
import { sourceKinds } from "#lib/server/runtime";
import { sealer } from "#lib/server/secret";
import { createSource } from "#lib/services/source/create";
import { sourceList } from "#lib/services/source/list";

/** GET /api/v1/sources — configured senders with keys and traffic. */
export const GET = route({
  permission: "source:read",
  operation: "source.list",
  summary: "Sources with their keys and traffic",
  schemas: { query: SourceQuery },
  output: SourceList,
  handle: (ctx, { query }) => sourceList(ctx, sourceKinds(), query),
});

/** POST /api/v1/sources — configure a new sender. */
export const POST = route({
  permission: "source:manage",
  operation: "source.create",
  summary: "Create a source with its public keys or shared secrets",
  schemas: { body: CreateSourceBody },
  output: SourceView,
  status: 201,
  handle: (ctx, { body }) => createSource(ctx, body, sourceKinds(), sealer()),
});
