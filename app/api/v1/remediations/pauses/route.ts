import { PauseBody, PauseList, PauseView, RemediationQuery } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { pauseList, pauseRemediation } from "#lib/services/remediation/pause";

/** GET /api/v1/remediations/pauses — what holds remediation back, and what did. */
export const GET = route({
  permission: "remediation:read",
  operation: "remediation.pauses",
  summary: "Pauses of remediation",
  schemas: { query: RemediationQuery },
  output: PauseList,
  handle: (ctx) => pauseList(ctx),
});

/** POST /api/v1/remediations/pauses — hold back what is automatic, or everything. */
export const POST = route({
  permission: "remediation:pause",
  idempotent: true,
  operation: "remediation.pause",
  summary: "Hold remediation back for a while",
  schemas: { body: PauseBody },
  output: PauseView,
  status: 201,
  handle: (ctx, { body }) => pauseRemediation(ctx, body),
});
