import { z } from "zod";
import { SetSilenceLimitBody, SilenceLimitView } from "#lib/contracts/source";
import { route } from "#lib/server/http/route";
import { setSilenceLimit } from "#lib/services/source/set-limit";

/** PUT /api/v1/sources/{sourceId}/limit — when silence of the source begins to count. */
export const PUT = route({
  permission: "source:manage",
  operation: "source.set_limit",
  summary: "Set a fixed or learnt silence limit",
  schemas: { params: z.strictObject({ sourceId: z.uuid() }), body: SetSilenceLimitBody },
  output: SilenceLimitView,
  handle: (ctx, { params, body }) => setSilenceLimit(ctx, { sourceId: params.sourceId, limit: body }),
});
