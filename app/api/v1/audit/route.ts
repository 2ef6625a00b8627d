import { AuditPage, AuditQuery } from "#lib/contracts/audit";
import { route } from "#lib/server/http/route";
import { auditEntries } from "#lib/services/audit/list";

/** GET /api/v1/audit — who did what, when and from where. */
export const GET = route({
  permission: "audit:read",
  operation: "audit.list",
  summary: "Audit entries, last one first",
  schemas: { query: AuditQuery },
  output: AuditPage,
  handle: (ctx, { query }) => auditEntries(ctx, query),
});
