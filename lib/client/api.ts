/** How the browser talks to the HTTP API: JSON in, JSON or a problem out. */
import type { Problem } from "#lib/contracts/common";
import { linesOf } from "./ndjson.ts";
import { inScope } from "./scope.ts";
import { proveOnceMore } from "./step-up.ts";

/** Anything that turns unknown JSON into a `T`: a zod schema, or {@link trust}. */
export type Shape<T> = { parse: (value: unknown) => T };

const TRUSTED: Shape<never> = { parse: (value) => value as never };

/**
 * Takes our own API's answer at its word, so that the schemas need not be sent to the browser.
 * The server checks its answers against them.
 */
export function trust<T>(): Shape<T> {
  return TRUSTED as Shape<T>;
}

/** A refusal by the API, or the lack of any answer (`code` is then `network/unreachable`). */
export class ApiProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string | null;
  readonly errors: readonly { pointer: string; detail: string }[];

  constructor(problem: {
    code: string;
    status: number;
    title: string;
    detail: string;
    requestId?: string | null | undefined;
    errors?: readonly { pointer: string; detail: string }[] | undefined;
  }) {
    super(problem.detail || problem.title);
    this.name = "ApiProblem";
    this.code = problem.code;
    this.status = problem.status;
    this.title = problem.title;
    this.detail = problem.detail;
    this.requestId = problem.requestId ?? null;
    this.errors = problem.errors ?? [];
  }
}

/** Reads a resource, within the trust domain that was chosen. Aborting the signal rejects with the abort itself, not with a problem. */
export async function getJson<T>(path: string, schema: Shape<T>, signal?: AbortSignal): Promise<T> {
  return exchange(inScope(path), schema, { method: "GET", signal: signal ?? null });
}

/** Reads a resource over everything that the person sees. */
export async function getUnscoped<T>(path: string, schema: Shape<T>, signal?: AbortSignal): Promise<T> {
  return exchange(path, schema, { method: "GET", signal: signal ?? null });
}

/**
 * Sends a JSON body; a 204 answer is given to the shape as `undefined`. When a fresh proof of who is there is wanted,
 * the person is asked for it and the body is sent once more.
 */
export async function sendJson<T>(
  path: string,
  body: unknown,
  schema: Shape<T>,
  method: "POST" | "PUT" | "PATCH" | "DELETE" = "POST",
): Promise<T> {
  const init = {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  try {
    return await exchange(path, schema, init);
  } catch (error) {
    const wanted = error instanceof ApiProblem && error.code === "auth/step-up-required";
    if (!wanted || !(await proveOnceMore())) throw error;
    return exchange(path, schema, init);
  }
}

/**
 * Sends a JSON body and gives the lines of the answer as they come. Aborting the signal rejects with the abort
 * itself, and ends the work behind the answer.
 */
export async function* sendForLines<T>(
  path: string,
  body: unknown,
  schema: Shape<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const headers = {
    accept: "application/x-ndjson, application/problem+json",
    "content-type": "application/json",
  };
  const response = await answerTo(path, { method: "POST", headers, body: JSON.stringify(body), signal });
  if (!response.body) return;
  try {
    for await (const line of linesOf(response.body)) yield schema.parse(line);
  } catch (error) {
    throw unreachable(error);
  }
}

async function exchange<T>(path: string, schema: Shape<T>, init: RequestInit): Promise<T> {
  const response = await answerTo(path, init);
  return schema.parse(response.status === 204 ? undefined : await response.json());
}

/** The answer, once it is known to be none of the refusals. */
async function answerTo(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      credentials: "same-origin",
      ...init,
      headers: { accept: "application/json, application/problem+json", ...init.headers },
    });
  } catch (error) {
    throw unreachable(error);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** An abort stays one; whatever else ends an exchange is the lack of an answer. */
function unreachable(error: unknown): unknown {
  if (error instanceof DOMException && error.name === "AbortError") return error;
  return new ApiProblem({
    code: "network/unreachable",
    status: 0,
    title: "No answer from Touchstone",
    detail: "The server did not answer. Check the connection and try again.",
  });
}

/** The problem document of an answer, or a stand-in when something in between answered instead of us. */
async function problemOf(response: Response): Promise<ApiProblem> {
  const requestId = response.headers.get("x-request-id");
  if (response.headers.get("content-type")?.includes("json")) {
    const body = (await response.json().catch(() => null)) as Partial<Problem> | null;
    if (typeof body?.code === "string") {
      return new ApiProblem({
        code: body.code,
        status: response.status,
        title: body.title ?? "The request was refused",
        detail: body.detail ?? "",
        requestId: body.requestId ?? requestId,
        errors: body.errors,
      });
    }
  }
  return new ApiProblem({
    code: "network/unexpected-answer",
    status: response.status,
    title: "Unexpected answer",
    detail: `The server answered with status ${response.status} and no explanation.`,
    requestId,
  });
}
