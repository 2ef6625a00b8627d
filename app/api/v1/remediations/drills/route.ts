import { DrillBook } from "#lib/contracts/drill";
import { RehearseRemediationBody, RemediationDetail, RemediationQuery } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { remediationTools } from "#lib/server/remediation-tools";
import { drillBook } from "#lib/services/execution/drill-book";
import { drillRemediation } from "#lib/services/execution/file-drill";

/** GET /api/v1/remediations/drills — when each recipe was last rehearsed, what came of it, and which are due. */
export const GET = route({
  permission: "remediation:read",
  operation: "remediation.drills",
  summary: "Rehearsals of recipes",
  schemas: { query: RemediationQuery },
  output: DrillBook,
  handle: (ctx) => drillBook(ctx),
});

/** POST /api/v1/remediations/drills — rehearse a recipe: every check and preview, and no effect. */
export const POST = route({
  permission: "remediation:request",
  idempotent: true,
  operation: "remediation.drill",
  summary: "Rehearse a remediation",
  schemas: { body: RehearseRemediationBody },
  output: RemediationDetail,
  status: 201,
  handle: (ctx, { body }) => drillRemediation(ctx, body, remediationTools()),
});
