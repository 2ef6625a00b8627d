import { z } from "zod";
import { SourceDisabled } from "#lib/contracts/source";
import { route } from "#lib/server/http/route";
import { disableSource } from "#lib/services/source/disable";

/** POST /api/v1/sources/{sourceId}/disable — refuse what it sends from now on. */
export const POST = route({
  permission: "source:manage",
  operation: "source.disable",
  summary: "Take a source out of service",
  schemas: { params: z.strictObject({ sourceId: z.uuid() }) },
  output: SourceDisabled,
  handle: (ctx, { params }) => disableSource(ctx, params),
});
