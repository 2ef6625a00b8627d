import { RemediationDetail, RequestRemediationBody } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { remediationTools } from "#lib/server/remediation-tools";
import { drillRemediation } from "#lib/services/execution/file-drill";

/** POST /api/v1/remediations/drills — rehearse a recipe: every check and preview, and no effect. */
export const POST = route({
  permission: "remediation:request",
  idempotent: true,
  operation: "remediation.drill",
  summary: "Rehearse a remediation",
  schemas: { body: RequestRemediationBody },
  output: RemediationDetail,
  status: 201,
  handle: (ctx, { body }) => drillRemediation(ctx, body, remediationTools()),
});
