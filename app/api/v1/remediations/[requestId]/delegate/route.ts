import { z } from "zod";
import { DelegateBody, RemediationDetail } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { delegateRemediation } from "#lib/services/remediation/vote";

/** POST /api/v1/remediations/{requestId}/delegate — let somebody else speak in one's place. */
export const POST = route({
  permission: "remediation:decide",
  stepUp: true,
  idempotent: true,
  operation: "remediation.delegate",
  summary: "Let somebody else vote in one's place",
  schemas: { params: z.strictObject({ requestId: z.uuid() }), body: DelegateBody },
  output: RemediationDetail,
  handle: (ctx, { params, body }) => delegateRemediation(ctx, { ...body, ...params }),
});
