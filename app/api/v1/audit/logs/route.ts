import { AuditLogList } from "#lib/contracts/audit";
import { logProblem } from "#lib/server/audit-log";
import { route } from "#lib/server/http/route";
import { auditLogs } from "#lib/services/audit/status";

/** GET /api/v1/audit/logs — how large each log is, when it was signed, and by which keys. */
export const GET = route({
  permission: "audit:read",
  operation: "audit.logs",
  summary: "The audit logs and their state",
  schemas: {},
  output: AuditLogList,
  handle: (ctx) => auditLogs(ctx, logProblem),
});
