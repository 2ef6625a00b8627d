import { z } from "zod";
import { RetireKeyBody, SourceKeyView } from "#lib/contracts/source";
import { route } from "#lib/server/http/route";
import { retireKey } from "#lib/services/source/retire-key";

/** POST /api/v1/sources/{sourceId}/keys/retire — last step of a rotation. */
export const POST = route({
  permission: "source:manage",
  operation: "source_key.retire",
  summary: "End a key: what it signs after the grace period is refused",
  schemas: { params: z.strictObject({ sourceId: z.uuid() }), body: RetireKeyBody },
  output: SourceKeyView,
  handle: (ctx, { params, body }) => retireKey(ctx, { ...body, ...params }),
});
