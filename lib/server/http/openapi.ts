/** The API description (OpenAPI 3.1), made from the same schemas that requests are checked with. */
import "server-only";
import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { Problem } from "#lib/contracts/common";
import { SERVICE_VERBS } from "#lib/domain/access";
import { VERSION } from "../version.ts";
import type { RouteSpec } from "./route.ts";

/** One handler with its place. `path` as in the folder tree, for example `/api/v1/nodes/[nodeId]`. */
export type DescribedRoute = { method: string; path: string; spec: RouteSpec };

/** Operations that are no part of the API. */
const UNDESCRIBED = new Set(["api.unknown"]);

/** The document, in the order of path and method, so that it changes only when the API does. */
export function openApiDocument(routes: readonly DescribedRoute[]): ReturnType<typeof createDocument> {
  const described = routes
    .filter(({ spec }) => !UNDESCRIBED.has(spec.operation))
    .sort((a, b) => (`${a.path} ${a.method}` < `${b.path} ${b.method}` ? -1 : 1));
  const paths: ZodOpenApiPathsObject = {};
  for (const { method, path, spec } of described) {
    const key = path.replace(/\[(\w+)\]/g, "{$1}");
    paths[key] = { ...paths[key], [method.toLowerCase()]: operation(spec, method) };
  }
  return createDocument({
    openapi: "3.1.1",
    info: {
      title: "Touchstone",
      version: VERSION,
      description:
        "Fleet trust: verdicts and bootstrap events in, node history out. Errors are application/problem+json; lists page by opaque cursors.",
    },
    paths,
    components: {
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: "touchstone.session" },
        apiKey: { type: "http", scheme: "bearer", description: "API key of a source: ts_…" },
        service: {
          type: "http",
          scheme: "bearer",
          description: "API key of a service account (ts_…), or a workload token (JWT) that it trusts",
        },
      },
    },
  });
}

function operation(spec: RouteSpec, method: string): ZodOpenApiOperationObject {
  const { schemas, output, permission, idempotent, status = 200 } = spec;
  const parameters: ZodOpenApiOperationObject["requestParams"] = {};
  if (schemas.params) parameters.path = schemas.params as z.ZodObject;
  if (schemas.query) parameters.query = schemas.query as z.ZodObject;
  if (idempotent) parameters.header = IDEMPOTENCY;
  return {
    operationId: spec.operation,
    summary: spec.summary,
    tags: [spec.operation.split(".")[0] ?? spec.operation],
    security: securityOf(spec),
    "x-permission": permission,
    ...(Object.keys(parameters).length > 0 ? { requestParams: parameters } : {}),
    ...(schemas.body
      ? { requestBody: { required: true, content: { "application/json": { schema: schemas.body } } } }
      : {}),
    ...(permission === "ingest"
      ? { requestBody: { required: true, content: { "*/*": { schema: z.unknown() } } } }
      : {}),
    responses: {
      [String(status)]: {
        description: method === "GET" ? "The answer" : "Done",
        ...(output ? { content: { "application/json": { schema: output } } } : {}),
      },
      default: {
        description: "A refusal or a failure",
        content: { "application/problem+json": { schema: PROBLEM } },
      },
    },
  };
}

const PROBLEM = Problem.meta({ id: "Problem" });
const IDEMPOTENCY = z.object({
  "Idempotency-Key": z.string().max(255).optional().meta({
    description: "Names the request for 24 hours: sent again, it is answered as before and not done again.",
  }),
});

function securityOf({ permission, stepUp }: RouteSpec): Record<string, string[]>[] {
  if (permission === "public") return [];
  if (permission === "ingest") return [{ apiKey: [] }];
  const programs = stepUp !== true && SERVICE_VERBS.includes(permission);
  return programs ? [{ session: [] }, { service: [] }] : [{ session: [] }];
}
