import { z } from "zod";
import { EventsLinked } from "#lib/contracts/event-link";
import { ReasonBody } from "#lib/contracts/identity";
import { route } from "#lib/server/http/route";
import { undoEventLink } from "#lib/services/event-link/link";

/** POST /api/v1/event-links/{linkId}/undo — its events belong to nobody again. */
export const POST = route({
  permission: "event:link",
  idempotent: true,
  operation: "event.unlink",
  summary: "Take a link of bootstrap events back",
  schemas: { params: z.strictObject({ linkId: z.uuid() }), body: ReasonBody },
  output: EventsLinked,
  handle: (ctx, { params, body }) => undoEventLink(ctx, { ...body, ...params }),
});
