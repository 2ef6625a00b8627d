import { z } from "zod";
import { ExceptionEnded } from "#lib/contracts/exception";
import { ReasonBody } from "#lib/contracts/identity";
import { route } from "#lib/server/http/route";
import { endException } from "#lib/services/exception/end";

/** POST /api/v1/exceptions/{exceptionId}/end — end an exception before it expires. */
export const POST = route({
  permission: "exception:manage",
  idempotent: true,
  operation: "exception.end",
  summary: "End an exception",
  schemas: { params: z.strictObject({ exceptionId: z.uuid() }), body: ReasonBody },
  output: ExceptionEnded,
  handle: (ctx, { params, body }) => endException(ctx, { ...body, ...params }),
});
