import { z } from "zod";
import { DeadLettersReplayed, ReplayDeadLettersBody } from "#lib/contracts/sink";
import { route } from "#lib/server/http/route";
import { replayDeadLetters } from "#lib/services/sink/replay";

/** POST /api/v1/sinks/{sinkId}/dead-letters/replay — send refused events again. */
export const POST = route({
  permission: "sink:manage",
  operation: "sink.replay_dead_letters",
  summary: "Send dead letters of a sink again",
  schemas: { params: z.strictObject({ sinkId: z.uuid() }), body: ReplayDeadLettersBody },
  output: DeadLettersReplayed,
  handle: (ctx, { params: { sinkId }, body }) => replayDeadLetters(ctx, { sinkId, ...body }),
});
