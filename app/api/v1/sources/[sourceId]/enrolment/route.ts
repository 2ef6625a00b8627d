import { z } from "zod";
import { SourceEnrolmentBody } from "#lib/contracts/enrolment";
import { route } from "#lib/server/http/route";
import { setSourceEnrolment } from "#lib/services/source/set-enrolment";

/** POST /api/v1/sources/{sourceId}/enrolment — whether nodes that it introduces wait for a person. */
export const POST = route({
  permission: "source:manage",
  operation: "source.enrolment",
  summary: "Set whether new nodes of a source wait for a decision",
  schemas: { params: z.strictObject({ sourceId: z.uuid() }), body: SourceEnrolmentBody },
  output: SourceEnrolmentBody,
  handle: (ctx, { params, body }) => setSourceEnrolment(ctx, { ...body, ...params }),
});
