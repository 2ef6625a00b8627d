import { BreakGlassBody, RemediationDetail } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { remediationTools } from "#lib/server/remediation-tools";
import { breakGlass } from "#lib/services/remediation/request";

/** POST /api/v1/remediations/break-glass — quarantine at once; somebody else reviews it within a day. */
export const POST = route({
  permission: "remediation:break_glass",
  stepUp: true,
  idempotent: true,
  operation: "remediation.break_glass",
  summary: "Quarantine at once, reviewed afterwards",
  schemas: { body: BreakGlassBody },
  output: RemediationDetail,
  status: 201,
  handle: (ctx, { body }) => breakGlass(ctx, body, remediationTools()),
});
