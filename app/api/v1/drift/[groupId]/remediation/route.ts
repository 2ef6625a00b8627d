import { z } from "zod";
import { RemediateDriftBody } from "#lib/contracts/drift-group";
import { RemediationDetail } from "#lib/contracts/remediation";
import { route } from "#lib/server/http/route";
import { remediationTools } from "#lib/server/remediation-tools";
import { askAboutDrift, remediateDrift } from "#lib/services/drift-group/remediate";

/** POST /api/v1/drift/{groupId}/remediation — ask for something to be done to the nodes that show a change. */
export const POST = route({
  permission: "remediation:request",
  idempotent: true,
  operation: "drift.remediate",
  summary: "Ask for a remediation of the nodes of a group of drift",
  schemas: { params: z.strictObject({ groupId: z.uuid() }), body: RemediateDriftBody },
  output: RemediationDetail,
  status: 201,
  prepare: (ctx, { params, body }) => askAboutDrift(ctx, { ...body, ...params }, remediationTools()),
  handle: (ctx, { params, body }, live) =>
    remediateDrift(ctx, { ...body, ...params }, remediationTools(), live),
});
