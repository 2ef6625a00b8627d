import { z } from "zod";
import { ReplaySinkBody, SinkReplayed } from "#lib/contracts/sink";
import { route } from "#lib/server/http/route";
import { replaySink } from "#lib/services/sink/replay";

/** POST /api/v1/sinks/{sinkId}/replay — tell it again from a place on. */
export const POST = route({
  permission: "sink:manage",
  operation: "sink.replay",
  summary: "Set a sink back, so that it is told again",
  schemas: { params: z.strictObject({ sinkId: z.uuid() }), body: ReplaySinkBody },
  output: SinkReplayed,
  handle: (ctx, { params: { sinkId }, body }) => replaySink(ctx, { sinkId, ...body }),
});
