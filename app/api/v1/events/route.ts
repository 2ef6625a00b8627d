import { ingestRoute } from "#lib/server/ingest-route";

/** POST /api/v1/events — CloudEvents: one (binary or structured) or a batch. */
export const POST = ingestRoute("ingest.events", "Send CloudEvents, one or a batch");
