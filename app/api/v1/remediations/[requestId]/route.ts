import { z } from "zod";
import { RemediationDetail, RemediationQuery } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { remediationGet } from "#lib/services/remediation/get";

/** GET /api/v1/remediations/{requestId} — plan, checks, votes, execution, and what the caller may do. */
export const GET = route({
  permission: "remediation:read",
  operation: "remediation.get",
  summary: "One remediation request",
  schemas: { params: z.strictObject({ requestId: z.uuid() }), query: RemediationQuery },
  output: RemediationDetail,
  handle: (ctx, { params }) => remediationGet(ctx, params),
});
