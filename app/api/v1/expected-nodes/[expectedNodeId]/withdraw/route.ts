import { z } from "zod";
import { ExpectedNodeWithdrawn } from "#lib/contracts/enrolment";
import { ReasonBody } from "#lib/contracts/identity";
import { route } from "#lib/server/http/route";
import { withdrawExpectedNode } from "#lib/services/expected-node/withdraw";

/** POST /api/v1/expected-nodes/{expectedNodeId}/withdraw — count on it no longer. */
export const POST = route({
  permission: "node:expect",
  idempotent: true,
  operation: "node.withdraw",
  summary: "Withdraw an expected node",
  schemas: { params: z.strictObject({ expectedNodeId: z.uuid() }), body: ReasonBody },
  output: ExpectedNodeWithdrawn,
  handle: (ctx, { params, body }) => withdrawExpectedNode(ctx, { ...body, ...params }),
});
