/** The two ingest endpoints over plain HTTP types, for the custom server, the routes and a listener alike. */
import { randomUUID } from "node:crypto";
import { ProblemError, problemBody } from "#lib/domain/problems";
import type { EventHeaders } from "./cloudevents.ts";
import type { Ingest } from "./ingest.ts";

export type HttpRequest = {
  method: string;
  /** Path with query, as received. */
  path: string;
  headers: EventHeaders;
  body: AsyncIterable<Uint8Array>;
};

export type HttpResponse = { status: number; headers: Record<string, string>; body: string };

export type IngestHandler = (request: HttpRequest) => Promise<HttpResponse>;

const DELIVER = /^\/api\/v1\/sources\/([^/]+)\/deliver$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a path (with or without a query) is answered here. */
export function isIngestPath(path: string): boolean {
  const [pathname = ""] = path.split("?");
  return pathname === "/api/v1/events" || DELIVER.test(pathname);
}

/**
 * Answer ingest requests.
 *
 * @param report told about errors that are ours; the caller gets 503 or 500 without their text
 */
export function ingestHandler(
  ingest: Ingest,
  report: (error: unknown, requestId: string) => void = () => {},
): IngestHandler {
  return async (request) => {
    const requestId = randomUUID();
    try {
      const result = await dispatch(ingest, request);
      return answer(202, requestId, "application/json", result);
    } catch (error) {
      const problem = error instanceof ProblemError ? error : ownFault(error);
      if (problem.status >= 500) report(error, requestId);
      const extra: Record<string, string> = problem.status === 503 ? { "retry-after": "5" } : {};
      return answer(
        problem.status,
        requestId,
        "application/problem+json",
        { ...problemBody(problem), requestId },
        extra,
      );
    }
  };
}

async function dispatch(ingest: Ingest, { method, path, headers, body }: HttpRequest) {
  if (method !== "POST") throw new ProblemError("request/method-not-allowed", "Send events with POST.");
  const url = new URL(path, "http://ingest.invalid");
  const backfill = url.searchParams.get("backfill") === "true";
  const deliver = DELIVER.exec(url.pathname);
  if (!deliver) return ingest.events({ headers, body, backfill });
  const sourceId = deliver[1] ?? "";
  if (!UUID.test(sourceId)) throw new ProblemError("source/not-found", "No such source.");
  // Senders that can set no header (webhooks) carry the key in the URL that the operator gives them.
  const key = url.searchParams.get("key");
  const authorization = headers.authorization ?? (key === null ? undefined : `Bearer ${key}`);
  return ingest.deliver({
    headers: { ...headers, authorization },
    body,
    backfill,
    sourceId: sourceId.toLowerCase(),
  });
}

/** Codes of a database that is away for now: connection failures, lack of resources, shutdown. */
const UNAVAILABLE_CODE = /^(08|53|57P|ECONN|ENOENT|EPIPE|ETIMEDOUT)/;
/** The driver's own words for the same, which carry no code. */
const UNAVAILABLE_TEXT = /connection (terminated|timeout)|timeout exceeded|not queryable|cannot use a pool/i;

function ownFault(error: unknown): ProblemError {
  return isUnavailable(error)
    ? new ProblemError(
        "server/unavailable",
        "The database cannot be reached. Nothing was stored; send again.",
        { cause: error },
      )
    : new ProblemError("server/error", "Nothing was stored. Give the request id to the operator.", {
        cause: error,
      });
}

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code = "" } = error as { code?: string };
  return UNAVAILABLE_CODE.test(code) || UNAVAILABLE_TEXT.test(error.message) || isUnavailable(error.cause);
}

function answer(
  status: number,
  requestId: string,
  contentType: string,
  body: unknown,
  extra: Record<string, string> = {},
): HttpResponse {
  return {
    status,
    headers: {
      "content-type": contentType,
      "cache-control": "no-store",
      "x-request-id": requestId,
      ...extra,
    },
    body: JSON.stringify(body),
  };
}
