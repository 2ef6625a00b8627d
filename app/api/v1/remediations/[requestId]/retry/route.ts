import { z } from "zod";
import { BecauseBody, RemediationDetail } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { retryRemediation } from "#lib/services/remediation/operate";

/** POST /api/v1/remediations/{requestId}/retry — go on with what is not done yet. */
export const POST = route({
  permission: "remediation:operate",
  stepUp: true,
  idempotent: true,
  operation: "remediation.retry",
  summary: "Let a partly failed remediation go on",
  schemas: { params: z.strictObject({ requestId: z.uuid() }), body: BecauseBody },
  output: RemediationDetail,
  handle: (ctx, { params, body }) => retryRemediation(ctx, { ...body, ...params }),
});
