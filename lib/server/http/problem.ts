/** Errors to problem documents (RFC 9457). */
import "server-only";
import { type ProblemCode, ProblemError, problemBody } from "#lib/domain/problems";
import { log } from "../log.ts";

/**
 * The answer to a refused or failed request.
 *
 * Whatever is not a {@link ProblemError} is a fault of ours: it is logged with its cause, and the
 * caller gets the request id and nothing else.
 */
export function problemResponse(error: unknown, requestId: string): Response {
  const problem = error instanceof ProblemError ? error : null;
  if (!problem) log().error({ requestId, err: error }, "request failed");
  else if (problem.cause !== undefined)
    log().debug({ requestId, err: problem.cause, code: problem.code }, "refused");
  const known =
    problem ??
    new ProblemError(
      "server/error",
      "Something went wrong on our side. Give the request id to your operator.",
    );
  const body = { ...problemBody(known), instance: `urn:uuid:${requestId}`, requestId };
  const headers = new Headers({ "content-type": "application/problem+json", ...extraHeaders(known.code) });
  return new Response(JSON.stringify(body), { status: known.status, headers });
}

function extraHeaders(code: ProblemCode): Record<string, string> {
  switch (code) {
    case "auth/required":
      return { "www-authenticate": 'Bearer realm="touchstone"' };
    case "request/in-progress":
      return { "retry-after": "1" };
    case "rate/limited":
    case "server/unavailable":
      return { "retry-after": "5" };
    default:
      return {};
  }
}
