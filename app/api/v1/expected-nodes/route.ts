import { ExpectedNodesAdded, ExpectNodesBody } from "#lib/contracts/enrolment";
import { route } from "#lib/server/http/route";
import { expectNodes } from "#lib/services/expected-node/expect";

/** POST /api/v1/expected-nodes — list nodes that must enrol; they show in the enrolment queue. */
export const POST = route({
  permission: "node:expect",
  idempotent: true,
  operation: "node.expect",
  summary: "List nodes that are expected to enrol",
  schemas: { body: ExpectNodesBody },
  output: ExpectedNodesAdded,
  status: 201,
  handle: (ctx, { body }) => expectNodes(ctx, body),
});
