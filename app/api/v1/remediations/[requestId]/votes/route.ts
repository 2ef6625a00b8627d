import { z } from "zod";
import { RemediationDetail, VoteBody } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { remediationTools } from "#lib/server/remediation-tools";
import { voteRemediation } from "#lib/services/remediation/vote";

/** POST /api/v1/remediations/{requestId}/votes — approve or deny, for the plan that was seen. */
export const POST = route({
  permission: "remediation:decide",
  stepUp: true,
  idempotent: true,
  operation: "remediation.vote",
  summary: "Approve or deny a remediation request",
  schemas: { params: z.strictObject({ requestId: z.uuid() }), body: VoteBody },
  output: RemediationDetail,
  handle: (ctx, { params, body }) => voteRemediation(ctx, { ...body, ...params }, remediationTools()),
});
