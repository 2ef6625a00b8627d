import { z } from "zod";
import { NodeCredentials, NodeCredentialsQuery } from "#lib/contracts/credential";
import { route } from "#lib/server/http/route";
import { sourceKinds } from "#lib/server/runtime";
import { nodeCredentials } from "#lib/services/credential/of-node";

/** GET /api/v1/nodes/{nodeId}/credentials — what the node was given, youngest first. */
export const GET = route({
  permission: "fleet:read",
  operation: "node.credentials",
  summary: "Credentials of a node with validity, renewals, revocation and residual window",
  schemas: { params: z.strictObject({ nodeId: z.uuid() }), query: NodeCredentialsQuery },
  output: NodeCredentials,
  handle: (ctx, { params, query }) => nodeCredentials(ctx, { ...query, ...params }, sourceKinds()),
});
