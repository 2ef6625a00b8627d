import { z } from "zod";
import { SinkTested } from "#lib/contracts/sink";
import { route } from "#lib/server/http/route";
import { sinkTools } from "#lib/server/sinks";
import { testSink } from "#lib/services/sink/test";

/** POST /api/v1/sinks/{sinkId}/test — send an event that says nothing happened. */
export const POST = route({
  permission: "sink:manage",
  operation: "sink.test",
  summary: "Send a test event to a sink",
  schemas: { params: z.strictObject({ sinkId: z.uuid() }) },
  output: SinkTested,
  handle: (ctx, { params: { sinkId }, request }) => testSink(ctx, sinkId, sinkTools(), request.signal),
});
