import { z } from "zod";
import { SinkChanged, UpdateSinkBody } from "#lib/contracts/sink";
import { route } from "#lib/server/http/route";
import { sinkTools } from "#lib/server/sinks";
import { removeSink } from "#lib/services/sink/remove";
import { updateSink } from "#lib/services/sink/update";

const params = z.strictObject({ sinkId: z.uuid() });

/** PUT /api/v1/sinks/{sinkId} — change it, or turn it on or off. */
export const PUT = route({
  permission: "sink:manage",
  stepUp: true,
  operation: "sink.update",
  summary: "Change a sink",
  schemas: { params, body: UpdateSinkBody },
  output: SinkChanged,
  maxBodyBytes: 512 * 1024,
  handle: (ctx, { params: { sinkId }, body }) => updateSink(ctx, { sinkId, ...body }, sinkTools()),
});

/** DELETE /api/v1/sinks/{sinkId} — tell it nothing more. */
export const DELETE = route({
  permission: "sink:manage",
  stepUp: true,
  operation: "sink.remove",
  summary: "Remove a sink with its secrets and dead letters",
  schemas: { params },
  output: SinkChanged,
  handle: (ctx, { params: { sinkId } }) => removeSink(ctx, { sinkId }),
});
