import { EnrolmentQueue, EnrolmentQueueQuery } from "#lib/contracts/enrolment";
import { route } from "#lib/server/http/route";
import { enrolmentQueue } from "#lib/services/enrolment/queue";

/** GET /api/v1/enrolments — nodes that wait for a person, and nodes that are waited for. */
export const GET = route({
  permission: "fleet:read",
  operation: "enrolment.list",
  summary: "Nodes that wait for a decision, and nodes that are expected",
  schemas: { query: EnrolmentQueueQuery },
  output: EnrolmentQueue,
  handle: (ctx, { query }) => enrolmentQueue(ctx, query),
});
