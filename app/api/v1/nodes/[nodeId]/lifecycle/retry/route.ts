import { z } from "zod";
import { RetryBody, RetryResult } from "#lib/contracts/lifecycle";
import { route } from "#lib/server/http/route";
import { retryNode } from "#lib/services/lifecycle/retry";

/** POST /api/v1/nodes/{nodeId}/lifecycle/retry — begin a failed node's provisioning or enrollment again. */
export const POST = route({
  permission: "lifecycle:retry",
  idempotent: true,
  operation: "node.retry",
  summary: "Begin a failed node's provisioning or enrollment again",
  schemas: { params: z.strictObject({ nodeId: z.uuid() }), body: RetryBody },
  output: RetryResult,
  handle: (ctx, { params, body }) => retryNode(ctx, { ...body, ...params }),
});
