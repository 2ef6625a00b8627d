import { z } from "zod";
import { RemediationDetail, ReviewBody } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { reviewRemediation } from "#lib/services/remediation/operate";

/** POST /api/v1/remediations/{requestId}/review — ratify or dispute what was done at once. */
export const POST = route({
  permission: "remediation:decide",
  stepUp: true,
  idempotent: true,
  operation: "remediation.review",
  summary: "Review what was done by breaking the glass",
  schemas: { params: z.strictObject({ requestId: z.uuid() }), body: ReviewBody },
  output: RemediationDetail,
  handle: (ctx, { params, body }) => reviewRemediation(ctx, { ...body, ...params }),
});
