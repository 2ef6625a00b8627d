import { z } from "zod";
import { EnrolmentDecided } from "#lib/contracts/enrolment";
import { ReasonBody } from "#lib/contracts/identity";
import { route } from "#lib/server/http/route";
import { nodeReviser } from "#lib/server/node-reviser";
import { pauseEnrolment } from "#lib/services/enrolment/decide";

/** POST /api/v1/enrolments/{nodeId}/pause — pause an enrolment until somebody decides. */
export const POST = route({
  permission: "enrolment:pause",
  idempotent: true,
  operation: "enrolment.pause",
  summary: "Pause an enrolment until somebody decides",
  schemas: { params: z.strictObject({ nodeId: z.uuid() }), body: ReasonBody },
  output: EnrolmentDecided,
  handle: (ctx, { params, body }) => pauseEnrolment(ctx, { ...body, ...params }, nodeReviser),
});
