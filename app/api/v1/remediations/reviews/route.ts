import { OpenReviews, RemediationQuery } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { openReviews } from "#lib/services/remediation/list";

/** GET /api/v1/remediations/reviews — what was done at once and nobody has reviewed. */
export const GET = route({
  permission: "remediation:read",
  operation: "remediation.reviews",
  summary: "Break-glass actions that wait for their review",
  schemas: { query: RemediationQuery },
  output: OpenReviews,
  handle: (ctx) => openReviews(ctx),
});
