import { z } from "zod";
import { DecideEnrolmentBody, EnrolmentDecided } from "#lib/contracts/enrolment";
import { route } from "#lib/server/http/route";
import { nodeReviser } from "#lib/server/node-reviser";
import { decideEnrolment } from "#lib/services/enrolment/decide";

/** POST /api/v1/enrolments/{nodeId}/decision — accept or deny an enrolment. */
export const POST = route({
  permission: "enrolment:decide",
  idempotent: true,
  operation: "enrolment.decide",
  summary: "Accept or deny an enrolment",
  schemas: { params: z.strictObject({ nodeId: z.uuid() }), body: DecideEnrolmentBody },
  output: EnrolmentDecided,
  handle: (ctx, { params, body }) => decideEnrolment(ctx, { ...body, ...params }, nodeReviser),
});
