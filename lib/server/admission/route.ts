/** The admission endpoints as Next routes, for servers other than ours. */
import "server-only";
import type { z } from "zod";
import { type RouteHandler, route } from "../http/route.ts";
import { admission } from "./admission.ts";

/** A route that hands the request over as it is; `server.ts` answers the same paths before Next sees them. */
export function admissionRoute(spec: {
  operation: string;
  summary: string;
  output: z.ZodType;
  params?: z.ZodType;
  query?: z.ZodType;
}): RouteHandler {
  const { params, query, ...description } = spec;
  return route({
    permission: "admission:ask",
    ...description,
    schemas: { ...(params && { params }), ...(query && { query }) },
    async handle(_ctx, { request }) {
      const { pathname, search } = new URL(request.url);
      const answer = await admission()({
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
