import { z } from "zod";
import { PrepareKeysBody, SourceKeyList, SourceKeysAnswer, SourceKeysQuery } from "#lib/contracts/source";
import { route } from "#lib/server/http/route";
import { sourceKinds } from "#lib/server/runtime";
import { sealer } from "#lib/server/secret";
import { sourceKeys } from "#lib/services/source/keys";
import { prepareKeys } from "#lib/services/source/prepare-keys";

/** GET /api/v1/sources/{sourceId}/keys — every key that may, will or did vouch for its messages. */
export const GET = route({
  permission: "source:read",
  operation: "source_key.list",
  summary: "Signing keys of a source",
  schemas: { params: z.strictObject({ sourceId: z.uuid() }), query: SourceKeysQuery },
  output: SourceKeysAnswer,
  handle: (ctx, { params, query }) => sourceKeys(ctx, { ...query, ...params }),
});

/** POST /api/v1/sources/{sourceId}/keys — first step of a rotation. */
export const POST = route({
  permission: "source:manage",
  operation: "source_key.prepare",
  summary: "Prepare signing keys: believed at once, in use once activated",
  schemas: { params: z.strictObject({ sourceId: z.uuid() }), body: PrepareKeysBody },
  output: SourceKeyList,
  status: 201,
  handle: (ctx, { params, body }) =>
    prepareKeys(ctx, { ...body, ...params }, { kinds: sourceKinds(), sealer: sealer() }),
});
