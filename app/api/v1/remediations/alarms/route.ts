import { AlarmQuery, RemediationAlarms } from "#lib/contracts/automatic";
import { route } from "#lib/server/http/route";
import { remediationAlarms } from "#lib/services/execution/alarms";

/** GET /api/v1/remediations/alarms — nodes on which something was not done as asked for, or did not last. */
export const GET = route({
  permission: "remediation:read",
  operation: "remediation.alarms",
  summary: "Alarms of remediation",
  schemas: { query: AlarmQuery },
  output: RemediationAlarms,
  handle: (ctx, { query }) => remediationAlarms(ctx, query),
});
