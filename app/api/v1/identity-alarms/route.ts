import { IdentityAlarmList, IdentityAlarmQuery } from "#lib/contracts/identity";
import { route } from "#lib/server/http/route";
import { identityAlarms } from "#lib/services/identity/alarms";

/** GET /api/v1/identity-alarms — two parties that claim to be one machine. */
export const GET = route({
  permission: "fleet:read",
  operation: "identity.alarms",
  summary: "Identity alarms, last seen first",
  schemas: { query: IdentityAlarmQuery },
  output: IdentityAlarmList,
  handle: (ctx, { query }) => identityAlarms(ctx, query),
});
