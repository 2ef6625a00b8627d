import { z } from "zod";
import { ActivateKeyBody, SourceKeyView } from "#lib/contracts/source";
import { route } from "#lib/server/http/route";
import { activateKey } from "#lib/services/source/activate-key";

/** POST /api/v1/sources/{sourceId}/keys/activate — second step of a rotation. */
export const POST = route({
  permission: "source:manage",
  operation: "source_key.activate",
  summary: "Say that a prepared key is in use",
  schemas: { params: z.strictObject({ sourceId: z.uuid() }), body: ActivateKeyBody },
  output: SourceKeyView,
  handle: (ctx, { params, body }) => activateKey(ctx, { ...body, ...params }),
});
