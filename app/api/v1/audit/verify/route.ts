import { AuditCheck } from "#lib/contracts/audit";
import { verifyLogNow } from "#lib/server/audit-log";
import { route } from "#lib/server/http/route";
import { checkAuditLogs } from "#lib/services/audit/status";

/** POST /api/v1/audit/verify — check every entry now; the first wrong one is named. */
export const POST = route({
  permission: "audit:read",
  operation: "audit.verify",
  summary: "Check every entry of the audit logs",
  schemas: {},
  output: AuditCheck,
  handle: (ctx) => checkAuditLogs(ctx, verifyLogNow),
});
