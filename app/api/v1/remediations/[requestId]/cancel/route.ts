import { z } from "zod";
import { BecauseBody, RemediationDetail } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { cancelRemediation } from "#lib/services/remediation/operate";

/** POST /api/v1/remediations/{requestId}/cancel — take back one's own request. */
export const POST = route({
  permission: "remediation:request",
  idempotent: true,
  operation: "remediation.cancel",
  summary: "Cancel a remediation request of one's own",
  schemas: { params: z.strictObject({ requestId: z.uuid() }), body: BecauseBody },
  output: RemediationDetail,
  handle: (ctx, { params, body }) => cancelRemediation(ctx, { ...body, ...params }),
});
