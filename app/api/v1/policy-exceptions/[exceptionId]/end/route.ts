import { z } from "zod";
import { EndExceptionBody } from "#lib/contracts/policy";
import { route } from "#lib/server/http/route";
import { endException } from "#lib/services/policy/exceptions";

/** POST /api/v1/policy-exceptions/{exceptionId}/end — end an exception before its time. */
export const POST = route({
  permission: "policy:except",
  idempotent: true,
  operation: "policy.end_exception",
  summary: "End an exception from a policy",
  schemas: { params: z.strictObject({ exceptionId: z.uuid() }), body: EndExceptionBody },
  output: z.null(),
  handle: (ctx, { params, body }) => endException(ctx, { ...params, ...body }),
});
