import { z } from "zod";
import { ClaimBody, RemediationDetail } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { claimRemediation } from "#lib/services/remediation/operate";

/** POST /api/v1/remediations/{requestId}/claim — "I look at it", or not any more. */
export const POST = route({
  permission: "remediation:decide",
  idempotent: true,
  operation: "remediation.claim",
  summary: "Say that one looks at a remediation request",
  schemas: { params: z.strictObject({ requestId: z.uuid() }), body: ClaimBody },
  output: RemediationDetail,
  handle: (ctx, { params, body }) => claimRemediation(ctx, { ...body, ...params }),
});
