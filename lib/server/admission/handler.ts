/** The admission endpoints over plain HTTP types: the same behind `server.ts`, the listener and the routes. */
import "server-only";
import { randomUUID } from "node:crypto";
import {
  AdmissionParams,
  AdmissionQuery,
  KubernetesReview,
  type StepCaAnswer,
} from "#lib/contracts/admission";
import { ConnectorParams } from "#lib/contracts/connector";
import { type Actor, can, narrowed } from "#lib/domain/access";
import { ProblemError, problemBody } from "#lib/domain/problems";
import type { HttpRequest, HttpResponse, IngestHandler } from "#lib/ingest/http";
import { readBody } from "#lib/ingest/limits";
import { parseInput } from "#lib/services/input";
import { JsonError, parseJson } from "#lib/sources/shared/json";
import { admissionView, answerReview, judgeReference, type Place } from "./answer.ts";
import type { AdmissionFollower } from "./follow.ts";
import type { AdmissionRecorder } from "./record.ts";
import { answerStepCa, verifiedRequest } from "./step-ca.ts";
import type { StepCaWebhook } from "./step-ca-webhook.ts";

const NODES = "/api/v1/admission/nodes/";
const KUBERNETES = "/api/v1/admission/kubernetes";
const STEP_CA = "/api/v1/admission/step-ca/";
/** How long a question waits for the first reading of all nodes: an API server waits ten seconds. Milliseconds. */
const FIRST_READ_MS = 5_000;
const SCOPE_PARAM = "scope";

/** Whether a path (with or without a query) is answered here. */
export function isAdmissionPath(path: string): boolean {
  const [pathname = ""] = path.split("?");
  const isBelow = (folder: string) => pathname.startsWith(folder) && pathname.length > folder.length;
  return pathname === KUBERNETES || isBelow(NODES) || isBelow(STEP_CA);
}

export type AdmissionParts = {
  /** The caller; `null` = nobody. Rejects when it cannot be known now. */
  callerOf: (headers: HttpRequest["headers"]) => Promise<Actor | null>;
  /** Told about somebody who is not known. @throws {ProblemError} when there are too many */
  countStranger: (headers: HttpRequest["headers"]) => Promise<unknown>;
  /** A step-ca that is to be answered, by the id of its connector; `null` = there is none. */
  stepCaWebhook: (connectorId: string) => Promise<StepCaWebhook | null>;
  follower: () => AdmissionFollower;
  recorder: () => AdmissionRecorder;
  now: () => number;
  /** Told about errors that are ours; the caller gets them without their text. */
  report: (error: unknown, requestId: string) => void;
};

export function admissionHandler(parts: AdmissionParts): IngestHandler {
  return async (request) => {
    const requestId = randomUUID();
    try {
      return answered(200, requestId, await dispatch(parts, request));
    } catch (error) {
      const problem = error instanceof ProblemError ? error : ownFault(error);
      if (problem.status >= 500) parts.report(error, requestId);
      return refused(problem, requestId);
    }
  };
}

/** What cannot be answered is no yes: the API server's failure policy decides then. */
function ownFault(cause: unknown): ProblemError {
  return new ProblemError("server/unavailable", "Admission cannot answer right now. This is no permission.", {
    cause,
  });
}

async function dispatch(parts: AdmissionParts, request: HttpRequest): Promise<unknown> {
  const url = new URL(request.path, "http://admission.invalid");
  const kubernetes = url.pathname === KUBERNETES;
  const stepCa = url.pathname.startsWith(STEP_CA);
  const expected = kubernetes || stepCa ? "POST" : "GET";
  const actor = await authorised(parts, request);
  if (request.method !== expected)
    throw new ProblemError("request/method-not-allowed", `Ask here with ${expected}.`);
  if (kubernetes) {
    const scope = scopeOf(url, actor);
    const review = parseInput(KubernetesReview, await jsonOf(request));
    const place = await placeFor(parts, actor, scope);
    const { answer, judged } = answerReview(place, review);
    if (judged && !review.request.dryRun) parts.recorder().note(actor, judged, place.nowMs);
    return answer;
  }
  if (stepCa) return askedByStepCa(parts, request, url, actor);
  const { reference } = parseInput(AdmissionParams, { reference: lastPartOf(url, NODES) }, "/path");
  const { purpose } = parseInput(AdmissionQuery, queryOf(url), "/query");
  const place = await placeFor(parts, actor, scopeOf(url, actor));
  const judged = judgeReference(place, reference, purpose);
  parts.recorder().note(actor, judged, place.nowMs);
  return admissionView(place, judged);
}

/** The key says who asks, the signature that step-ca does. */
async function askedByStepCa(
  parts: AdmissionParts,
  request: HttpRequest,
  url: URL,
  actor: Actor,
): Promise<StepCaAnswer> {
  const { connectorId } = parseInput(ConnectorParams, { connectorId: lastPartOf(url, STEP_CA) }, "/path");
  const webhook = await parts.stepCaWebhook(connectorId);
  const asked = await verifiedRequest(webhook, actor, request, parts.now());
  const place = await placeFor(parts, actor, asked.webhook.trustDomainId);
  const { answer, judged } = answerStepCa(place, asked);
  for (const one of judged) parts.recorder().note(actor, one, place.nowMs);
  return answer;
}

async function authorised(parts: AdmissionParts, { headers }: HttpRequest): Promise<Actor> {
  const caller = await parts.callerOf(headers);
  if (!caller) {
    await parts.countStranger(headers);
    throw new ProblemError("auth/required", "Send the key of a service account as a bearer token.");
  }
  if (caller.kind === "user" && caller.mustChangePassword)
    throw new ProblemError("auth/password-change-required", "Change the one-time password first.");
  if (!can(caller, "admission:ask"))
    throw new ProblemError("auth/forbidden", "Your role does not allow this.");
  return narrowed(caller, "admission:ask");
}

/** The domain that the caller narrows the question to, by its id; `null` = all that it may ask about. */
function scopeOf({ searchParams }: URL, actor: Actor): string | null {
  const [one = null, ...more] = searchParams.getAll(SCOPE_PARAM);
  if (one !== null && (more.length > 0 || !actor.trustDomainIds.includes(one)))
    throw new ProblemError("domain/not-found", "There is no such trust domain, or you do not see it.");
  return one;
}

async function placeFor(parts: AdmissionParts, actor: Actor, scope: string | null): Promise<Place> {
  const follower = parts.follower();
  const state = follower.state() ?? (await follower.ready(FIRST_READ_MS));
  if (!state)
    throw new ProblemError("server/unavailable", "The nodes have not been read yet. This is no permission.");
  const seen = actor.trustDomainIds;
  const domains = scope === null ? seen : seen.filter((id) => isWithin(id, scope, state.parents));
  return { state, domains, nowMs: parts.now() };
}

/** Whether a domain is another one or lies below it. */
function isWithin(id: string, scope: string, parents: ReadonlyMap<string, string | null>): boolean {
  const passed = new Set<string>();
  for (let at: string | null = id; at !== null && !passed.has(at); at = parents.get(at) ?? null) {
    if (at === scope) return true;
    passed.add(at);
  }
  return false;
}

async function jsonOf({ headers, body }: HttpRequest): Promise<unknown> {
  if (headers["content-type"]?.split(";")[0]?.trim().toLowerCase() !== "application/json")
    throw new ProblemError("request/unsupported-media-type", "Send the review as application/json.");
  const bytes = await readBody(body, {
    contentLength: headers["content-length"],
    contentEncoding: headers["content-encoding"],
  });
  try {
    return parseJson(bytes, { integers: "text" });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new ProblemError("request/malformed", `The body is not JSON that is accepted: ${error.message}.`, {
      cause: error,
    });
  }
}

function lastPartOf({ pathname }: URL, folder: string): string {
  try {
    return decodeURIComponent(pathname.slice(folder.length));
  } catch (cause) {
    throw new ProblemError("request/malformed", "The path is not encoded as UTF-8.", { cause });
  }
}

/** A parameter given twice becomes an array, which no schema accepts. */
function queryOf({ searchParams }: URL): Record<string, string | string[]> {
  const names = [...new Set(searchParams.keys())].filter((name) => name !== SCOPE_PARAM);
  return Object.fromEntries(
    names.map((name) => {
      const [first = "", ...more] = searchParams.getAll(name);
      return [name, more.length > 0 ? [first, ...more] : first];
    }),
  );
}

const answered = (status: number, requestId: string, body: unknown): HttpResponse => ({
  status,
  headers: headersOf("application/json", requestId),
  body: JSON.stringify(body),
});

function refused(problem: ProblemError, requestId: string): HttpResponse {
  const extra: Record<string, string> =
    problem.status === 401
      ? { "www-authenticate": 'Bearer realm="touchstone"' }
      : problem.status === 503 || problem.status === 429
        ? { "retry-after": "5" }
        : {};
  return {
    status: problem.status,
    headers: { ...headersOf("application/problem+json", requestId), ...extra },
    body: JSON.stringify({ ...problemBody(problem), requestId }),
  };
}

const headersOf = (contentType: string, requestId: string): Record<string, string> => ({
  "content-type": contentType,
  "cache-control": "private, no-store",
  "x-request-id": requestId,
});
