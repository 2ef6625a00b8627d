import { CreateSinkBody, SinkChanged, SinkList, SinkListQuery } from "#lib/contracts/sink";
import { route } from "#lib/server/http/route";
import { sinkTools } from "#lib/server/sinks";
import { createSink } from "#lib/services/sink/create";
import { listSinks } from "#lib/services/sink/list";

/** GET /api/v1/sinks — other systems that are told what happens, and how far each is. */
export const GET = route({
  permission: "sink:read",
  operation: "sink.list",
  summary: "Sinks, where they stand, and the kinds that there are",
  schemas: { query: SinkListQuery },
  output: SinkList,
  handle: (ctx) => listSinks(ctx, sinkTools().kinds),
});

/** POST /api/v1/sinks — tell another system. */
export const POST = route({
  permission: "sink:manage",
  stepUp: true,
  operation: "sink.create",
  summary: "Add a sink; its secrets are stored sealed and never shown again",
  schemas: { body: CreateSinkBody },
  output: SinkChanged,
  status: 201,
  maxBodyBytes: 512 * 1024,
  handle: (ctx, { body }) => createSink(ctx, body, sinkTools()),
});
