/** The ingest endpoints as Next routes, for servers other than ours. */
import "server-only";
import type { z } from "zod";
import { IngestResult } from "#lib/contracts/ingest";
import { type RouteHandler, route } from "./http/route.ts";
import { ingest } from "./ingest.ts";

/**
 * A route that hands the request over as it is. `server.ts` answers the same paths before Next sees
 * them, an order of magnitude faster.
 */
export function ingestRoute(operation: string, summary: string, params?: z.ZodType): RouteHandler {
  return route({
    permission: "ingest",
    operation,
    summary,
    schemas: params ? { params } : {},
    output: IngestResult,
    status: 202,
    async handle(_ctx, { request }) {
      const { pathname, search } = new URL(request.url);
      const answer = await ingest()({
        method: request.method,
        path: `${pathname}${search}`,
        headers: Object.fromEntries(request.headers),
        body: request.body ?? emptyBody(),
      });
      return new Response(answer.body, { status: answer.status, headers: answer.headers });
    },
  });
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}
