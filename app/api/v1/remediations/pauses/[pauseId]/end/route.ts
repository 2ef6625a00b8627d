import { z } from "zod";
import { BecauseBody, PauseEnded } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { endPause } from "#lib/services/remediation/pause";

/** POST /api/v1/remediations/pauses/{pauseId}/end — let remediation go on. */
export const POST = route({
  permission: "remediation:pause",
  idempotent: true,
  operation: "remediation.resume",
  summary: "End a pause of remediation",
  schemas: { params: z.strictObject({ pauseId: z.uuid() }), body: BecauseBody },
  output: PauseEnded,
  handle: (ctx, { params, body }) => endPause(ctx, { ...body, ...params }),
});
