import { AutomaticBody, AutomaticReport, AutomaticSettingView } from "#lib/contracts/automatic";
import { RemediationQuery } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { automaticReport } from "#lib/services/automatic/report";
import { setAutomatic } from "#lib/services/automatic/set";

/** GET /api/v1/remediations/automatic — what containment without a person did, or would have done. */
export const GET = route({
  permission: "remediation:read",
  operation: "remediation.automatic",
  summary: "Containment without a person: setting and report",
  schemas: { query: RemediationQuery },
  output: AutomaticReport,
  handle: (ctx) => automaticReport(ctx),
});

/** PUT /api/v1/remediations/automatic — off, shadow, request or execute. */
export const PUT = route({
  permission: "remediation:configure",
  stepUp: true,
  idempotent: true,
  operation: "remediation.set_automatic",
  summary: "Set containment without a person",
  schemas: { body: AutomaticBody },
  output: AutomaticSettingView,
  handle: (ctx, { body }) => setAutomatic(ctx, body),
});
