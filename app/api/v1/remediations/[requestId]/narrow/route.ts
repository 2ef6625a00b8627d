import { z } from "zod";
import { NarrowBody, RemediationDetail } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { remediationTools } from "#lib/server/remediation-tools";
import { narrowRemediation } from "#lib/services/remediation/vote";

/** POST /api/v1/remediations/{requestId}/narrow — take nodes out; everybody votes anew. */
export const POST = route({
  permission: "remediation:decide",
  stepUp: true,
  idempotent: true,
  operation: "remediation.narrow",
  summary: "Make a remediation request smaller",
  schemas: { params: z.strictObject({ requestId: z.uuid() }), body: NarrowBody },
  output: RemediationDetail,
  handle: (ctx, { params, body }) => narrowRemediation(ctx, { ...body, ...params }, remediationTools()),
});
