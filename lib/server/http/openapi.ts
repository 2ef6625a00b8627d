/** The API description (OpenAPI 3.1), made from the same schemas that requests are checked with. */
import "server-only";
import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { Problem } from "#lib/contracts/common";
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
      },
    },
  });
}

function operation(spec: RouteSpec, method: string): ZodOpenApiOperationObject {
  const { schemas, output, permission, status = 200 } = spec;
  const parameters: ZodOpenApiOperationObject["requestParams"] = {};
  if (schemas.params) parameters.path = schemas.params as z.ZodObject;
  if (schemas.query) parameters.query = schemas.query as z.ZodObject;
  return {
    operationId: spec.operation,
    summary: spec.summary,
    tags: [spec.operation.split(".")[0] ?? spec.operation],
    security: securityOf(permission),
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

function securityOf(permission: RouteSpec["permission"]): Record<string, string[]>[] {
  if (permission === "public") return [];
  return permission === "ingest" ? [{ apiKey: [] }] : [{ session: [] }];
}
