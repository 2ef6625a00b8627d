import { z } from "zod";
import { DeadLetterList, SinkListQuery } from "#lib/contracts/sink";
import { route } from "#lib/server/http/route";
import { listDeadLetters } from "#lib/services/sink/list";

/** GET /api/v1/sinks/{sinkId}/dead-letters — what its receiver refused for good. */
export const GET = route({
  permission: "sink:read",
  operation: "sink.dead_letters",
  summary: "What the receiver of a sink refused, with the reasons",
  schemas: { params: z.strictObject({ sinkId: z.uuid() }), query: SinkListQuery },
  output: DeadLetterList,
  handle: (ctx, { params: { sinkId } }) => listDeadLetters(ctx, sinkId),
});
