import { z } from "zod";
import { ingestRoute } from "#lib/server/ingest-route";

/** POST /api/v1/sources/{sourceId}/deliver — a source's message in its own format. */
export const POST = ingestRoute(
  "ingest.deliver",
  "Deliver a message in the source's own format",
  z.strictObject({ sourceId: z.string() }),
);
