import { LimitsRoom, PreviewLimitsBody } from "#lib/contracts/remediation-limits";
import { route } from "#lib/server/http/route";
import { previewLimits } from "#lib/services/remediation/limits";

/** POST /api/v1/remediations/limits/preview — what other limits would allow now; nothing is stored. */
export const POST = route({
  permission: "remediation:read",
  operation: "remediation.preview_limits",
  summary: "Preview limits of remediation",
  schemas: { body: PreviewLimitsBody },
  output: LimitsRoom,
  handle: (ctx, { body }) => previewLimits(ctx, body),
});
