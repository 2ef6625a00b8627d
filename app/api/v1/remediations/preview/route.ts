import { PreviewRemediationBody, RemediationPreview } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { remediationTools } from "#lib/server/remediation-tools";
import { previewRemediation } from "#lib/services/remediation/request";

/** POST /api/v1/remediations/preview — the plan of a request with its checks; nothing is stored. */
export const POST = route({
  permission: "remediation:request",
  operation: "remediation.preview",
  summary: "Preview a remediation without asking for it",
  schemas: { body: PreviewRemediationBody },
  output: RemediationPreview,
  handle: (ctx, { body }) => previewRemediation(ctx, body, remediationTools()),
});
