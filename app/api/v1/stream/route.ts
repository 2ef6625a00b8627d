import { ProblemError } from "#lib/domain/problems";
import { route } from "#lib/server/http/route";
import { openStream } from "#lib/server/stream";

/** GET /api/v1/stream — change hints as server-sent events. */
export const GET = route({
  permission: "fleet:read",
  operation: "stream.open",
  summary: "Change hints (server-sent events)",
  schemas: {},
  output: null,
  handle({ actor }, { request }) {
    if (actor.kind !== "user") throw new ProblemError("auth/forbidden", "Streams are for signed-in people.");
    const stream = openStream({
      domains: actor.trustDomainIds,
      sessionId: actor.sessionId,
      signal: request.signal,
    });
    return new Response(stream, {
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        // no-transform keeps Next from compressing the stream, which costs memory per reader.
        "cache-control": "private, no-store, no-transform",
        "x-accel-buffering": "no",
      },
    });
  },
});
