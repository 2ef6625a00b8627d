import { z } from "zod";
import { BecauseBody, RemediationDetail } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { abortRemediation } from "#lib/services/remediation/operate";

/** POST /api/v1/remediations/{requestId}/abort — stop it, and take back what was done. */
export const POST = route({
  permission: "remediation:operate",
  stepUp: true,
  idempotent: true,
  operation: "remediation.abort",
  summary: "Stop a remediation and take back what was done",
  schemas: { params: z.strictObject({ requestId: z.uuid() }), body: BecauseBody },
  output: RemediationDetail,
  handle: (ctx, { params, body }) => abortRemediation(ctx, { ...body, ...params }),
});
