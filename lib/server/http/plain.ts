/** Answers of the plain HTTP server, before Next. */
import "server-only";
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type ProblemCode, ProblemError, problemBody } from "#lib/domain/problems";
import type { IngestHandler } from "#lib/ingest/http";

/** How long what a refused sender still sends is read and thrown away, so that it can read the answer. */
const LINGER_MS = 1_000;

/**
 * Whether a request names another server than this one: by an absolute address in its first line, or
 * by a `Host` header that is missing, doubled or not ours.
 *
 * Refused before Next sees it, which would otherwise fetch or rebuild addresses from what it is told.
 */
export function isMisdirected(request: IncomingMessage, hosts: ReadonlySet<string>): boolean {
  const named = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host");
  const host = (request.headers.host ?? "").toLowerCase();
  return !request.url?.startsWith("/") || named.length !== 1 || !hosts.has(host);
}

/**
 * Where people use TLS, their browsers are to insist on it for a year; elsewhere the header must not stand, because
 * an address without TLS would be locked out of. Other sites below the same name are not ours to decide about.
 */
export function insistOnTls(response: ServerResponse, url: string): void {
  if (url.startsWith("https:")) response.setHeader("strict-transport-security", "max-age=31536000");
}

/** Answer with a problem document and close the connection. */
export function refuse(response: ServerResponse, code: ProblemCode, detail: string): void {
  const requestId = randomUUID();
  const problem = new ProblemError(code, detail);
  response.writeHead(problem.status, {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "x-request-id": requestId,
    "x-content-type-options": "nosniff",
    connection: "close",
    ...(problem.status === 503 ? { "retry-after": "5" } : {}),
  });
  response.end(JSON.stringify({ ...problemBody(problem), requestId }));
  lingerBriefly(response.req);
}

/** Hand an ingest request over without any framework between. */
export async function answerIngest(
  handler: IngestHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : value,
    ]),
  );
  const answer = await handler({
    method: request.method ?? "",
    path: request.url ?? "",
    headers,
    body: request,
  });
  // A body that was not read to its end would be taken for the next request.
  const rest = request.complete ? {} : { connection: "close" };
  response.writeHead(answer.status, {
    ...answer.headers,
    "content-length": Buffer.byteLength(answer.body),
    "x-content-type-options": "nosniff",
    ...rest,
  });
  response.end(answer.body);
  if (!request.complete) lingerBriefly(request);
}

function lingerBriefly(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.resume();
  setTimeout(() => request.destroy(), LINGER_MS).unref();
}
