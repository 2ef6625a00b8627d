import { z } from "zod";
import { ApproverGroups, PutApproverGroupBody } from "#lib/contracts/remediation";
import { APPROVER_GROUPS } from "#lib/domain/approval";
import { route } from "#lib/server/http/route";
import { putApproverGroup } from "#lib/services/remediation/approver-groups";

/** PUT /api/v1/remediations/approver-groups/{group} — say who a group is. */
export const PUT = route({
  permission: "remediation:configure",
  stepUp: true,
  idempotent: true,
  operation: "remediation.set_group",
  summary: "Set the members of a group of approvers",
  schemas: { params: z.strictObject({ group: z.enum(APPROVER_GROUPS) }), body: PutApproverGroupBody },
  output: ApproverGroups,
  handle: (ctx, { params, body }) => putApproverGroup(ctx, { ...body, ...params }),
});
