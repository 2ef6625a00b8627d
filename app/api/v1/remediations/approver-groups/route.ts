import { ApproverGroups, RemediationQuery } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { approverGroups } from "#lib/services/remediation/approver-groups";

/** GET /api/v1/remediations/approver-groups — who belongs to which group of approvers. */
export const GET = route({
  permission: "remediation:read",
  operation: "remediation.groups",
  summary: "Groups of approvers",
  schemas: { query: RemediationQuery },
  output: ApproverGroups,
  handle: (ctx) => approverGroups(ctx),
});
