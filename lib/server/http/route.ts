/** The one way to make a route handler: identified, authorised, parsed, answered and measured alike. */
import "server-only";
import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { type Actor, can, type Permission, reviewOf, widened } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { auditRefusal } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { answerOnce } from "#lib/services/idempotency/answer-once";
import { parseInput } from "#lib/services/input";
import { actorOf, addressOf } from "../context.ts";
import { log } from "../log.ts";
import { database, databaseOf } from "../runtime.ts";
import { inChosenScope, SCOPE_PARAM } from "../scope.ts";
import { readJsonBody } from "./body.ts";
import { requireFresh } from "./fresh.ts";
import { idempotencyKeyOf } from "./idempotency-key.ts";
import { guardMutation, requireJson } from "./origin.ts";
import { problemResponse } from "./problem.ts";
import {
  type Allowance,
  countPrincipal,
  countStranger,
  RateLimited,
  rateLimitHeaders,
} from "./rate-limit.ts";

type Schemas = { params?: z.ZodType; query?: z.ZodType; body?: z.ZodType };
type Parsed<S extends Schemas, K extends keyof Schemas> = S[K] extends z.ZodType ? z.output<S[K]> : undefined;
export type RouteInput<S extends Schemas> = {
  params: Parsed<S, "params">;
  query: Parsed<S, "query">;
  body: Parsed<S, "body">;
  request: Request;
};

/** `public` = anyone; `ingest` = the ingest path authenticates by itself (API keys of sources). */
export type RoutePermission = Permission | "public" | "ingest";

export type RouteSpec<S extends Schemas = Schemas> = {
  permission: RoutePermission;
  /** It keeps to the period of a review by itself; absent = it is closed to whoever is here for one. */
  keepsToReview?: true;
  /** The caller must have proved who they are within the last minutes: for what can do great harm. */
  stepUp?: boolean;
  /** A change whose answer is kept for a day: sent again under the same `Idempotency-Key` it is not done again. */
  idempotent?: true;
  /** Name of the operation in the API description; audit action of a refused change. */
  operation: string;
  summary: string;
  schemas: S;
  /** What is answered, checked before it leaves; `null` = the handler answers by itself. */
  output: z.ZodType | null;
  /** Status of a good answer. */
  status?: number;
  /** Largest body in bytes, where it carries a document; absent = what other requests may have. */
  maxBodyBytes?: number;
};

/** What Next calls. The specification hangs on it for the access matrix and the API description. */
export type RouteHandler = ((
  request: Request,
  context: { params: Promise<unknown> },
) => Promise<Response>) & { readonly spec: RouteSpec };

const MUTATIONS: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);
/** Nobody: what a public route's context says. Holds no permission and sees nothing. */
const ANONYMOUS: Actor = { kind: "api_key", id: "anonymous", sourceId: "", scopes: [], trustDomainIds: [] };

/**
 * Make a handler.
 *
 * The order is fixed: who asks, is the request from our own pages, may they, is it well-formed. So a
 * stranger learns nothing about the schema.
 */
export function route<const S extends Schemas, P = undefined>(
  spec: RouteSpec<S> & {
    /**
     * Done before the transaction that keeps an answer, and not at all when there is one: what asks other systems, which
     * may take seconds, in which no connection is to be held.
     */
    prepare?: (ctx: ServiceContext, input: RouteInput<S>) => Promise<P>;
    handle: (ctx: ServiceContext, input: RouteInput<S>, prepared: P) => Promise<unknown> | unknown;
  },
): RouteHandler {
  const { handle, prepare, ...description } = spec;
  const handler = async (request: Request, context: { params: Promise<unknown> }): Promise<Response> => {
    const requestId = randomUUID();
    const startedMs = performance.now();
    let response: Response;
    let allowance: Allowance | null = null;
    try {
      const ctx = await authorise(request, context, description, requestId, (counted) => {
        allowance = counted;
      });
      const key = idempotencyKey(request, description);
      const input = await parse(request, context, description);
      // Where nothing is prepared, nothing is what a handler is given.
      const prepared = async () => (prepare ? await prepare(ctx, input) : undefined) as P;
      const answer = async (seenBy: ServiceContext) => handle(seenBy, input, await prepared());
      response =
        key === null
          ? respond(await handleSeen(ctx, description, request, answer), description)
          : await respondOnce(ctx, { key, input }, description, {
              prepare: prepared,
              handle: (inside, given: P) => handle(inside, input, given),
            });
    } catch (error) {
      response = problemResponse(error, requestId);
      if (error instanceof RateLimited) {
        allowance = error.allowance;
        response.headers.set("retry-after", String(allowance.resetSeconds));
      }
    }
    if (allowance)
      for (const [name, value] of Object.entries(rateLimitHeaders(allowance)))
        response.headers.set(name, value);
    response.headers.set("x-request-id", requestId);
    response.headers.set("x-content-type-options", "nosniff");
    if (!response.headers.has("cache-control")) response.headers.set("cache-control", "private, no-store");
    log().debug({
      requestId,
      operation: description.operation,
      status: response.status,
      ms: Math.round(performance.now() - startedMs),
    });
    return response;
  };
  return Object.assign(handler, { spec: description });
}

async function authorise(
  request: Request,
  context: { params: Promise<unknown> },
  spec: RouteSpec<Schemas>,
  requestId: string,
  counted: (allowance: Allowance | null) => void,
): Promise<ServiceContext> {
  const base = { requestId, address: addressOf(request.headers), now: () => new Date() };
  if (spec.permission === "public" || spec.permission === "ingest") {
    // Lazily: liveness must answer while there is no database.
    return {
      ...base,
      actor: ANONYMOUS,
      get db() {
        return database();
      },
    };
  }
  const caller = await actorOf(request.headers);
  const mutates = MUTATIONS.has(request.method);
  counted(caller ? await countPrincipal(caller, mutates) : await countStranger(base.address));
  if (!caller) throw new ProblemError("auth/required", "Sign in, or send an API key as a bearer token.");
  const actor = await inChosenScope(caller, new URL(request.url).searchParams.getAll(SCOPE_PARAM));
  const ctx: ServiceContext = { ...base, db: databaseOf(actor.trustDomainIds), actor };
  if (mutates && actor.kind === "user") guardMutation(request);
  else if (mutates) requireJson(request);
  try {
    requirePermission(actor, spec.permission);
    requireOpenToReview(actor, spec);
    if (spec.stepUp) requireFresh(actor, base.now());
  } catch (error) {
    if (mutates && error instanceof ProblemError)
      await auditRefusal(ctx, spec.operation, aimedAt(await context.params), error.code);
    throw error;
  }
  return ctx;
}

/** What a refused request was aimed at: the first variable part of its address, if it could be an id or a name. */
function aimedAt(params: unknown): string {
  const [first] = Object.values(params ?? {});
  return typeof first === "string" && /^[\w.-]{1,100}$/.test(first) ? first : "-";
}

function requirePermission(actor: Actor, permission: Permission): void {
  if (actor.kind === "user" && actor.mustChangePassword && permission !== "account:own") {
    throw new ProblemError("auth/password-change-required", "Change the one-time password first.");
  }
  if (!can(actor, permission)) throw new ProblemError("auth/forbidden", "Your role does not allow this.");
}

function requireOpenToReview(actor: Actor, { permission, keepsToReview }: RouteSpec): void {
  if (reviewOf(actor) === null || keepsToReview || permission === "account:own") return;
  throw new ProblemError(
    "auth/outside-review",
    "You were let in to review one period; this is not part of it.",
  );
}

/**
 * Run a handler. What a read does not find where the caller holds the permission, but where the caller sees, is
 * forbidden and not missing; a `command()` tells the two apart by itself.
 */
async function handleSeen(
  ctx: ServiceContext,
  { permission }: RouteSpec,
  request: Request,
  handle: (ctx: ServiceContext) => unknown,
): Promise<unknown> {
  try {
    return await handle(ctx);
  } catch (error) {
    const missing = error instanceof ProblemError && error.status === 404;
    if (!missing || MUTATIONS.has(request.method) || permission === "public" || permission === "ingest")
      throw error;
    const wider = widened(ctx.actor, permission);
    if (wider === ctx.actor) throw error;
    await handle({ ...ctx, actor: wider });
    throw new ProblemError("auth/forbidden", "Your role does not allow this in its trust domain.");
  }
}

async function parse<S extends Schemas>(
  request: Request,
  context: { params: Promise<unknown> },
  { schemas, maxBodyBytes }: RouteSpec<S>,
): Promise<RouteInput<S>> {
  const input = {
    params: schemas.params && paramsOf(schemas.params, await context.params),
    query: schemas.query && parseInput(schemas.query, queryOf(request), "/query"),
    body: schemas.body && parseInput(schemas.body, await readJsonBody(request, maxBodyBytes)),
    request,
  };
  return input as RouteInput<S>;
}

function idempotencyKey(request: Request, { permission, idempotent }: RouteSpec): string | null {
  const applies = MUTATIONS.has(request.method) && permission !== "public" && permission !== "ingest";
  return applies ? idempotencyKeyOf(request.headers, idempotent === true) : null;
}

/** Run a handler whose answer is kept, or repeat the kept one. */
async function respondOnce<S extends Schemas, P>(
  ctx: ServiceContext,
  { key, input }: { key: string; input: RouteInput<S> },
  spec: RouteSpec,
  { prepare, handle }: { prepare: () => Promise<P>; handle: (ctx: ServiceContext, prepared: P) => unknown },
): Promise<Response> {
  const { request, ...parsed } = input;
  const { pathname, searchParams } = new URL(request.url);
  const scope = searchParams.getAll(SCOPE_PARAM);
  const same = { method: request.method, pathname, scope, ...parsed };
  const named = { key, request: same };
  const { status, body, repeated } = await answerOnce(ctx, named, {
    prepare,
    run: async (inside, prepared) => {
      const answer = await handle(inside, prepared);
      return { status: spec.status ?? 200, body: spec.output ? asPromised(answer, spec) : null };
    },
  });
  const response = spec.output ? Response.json(body, { status }) : new Response(null, { status });
  if (repeated) response.headers.set("idempotency-replayed", "true");
  return response;
}

/** A path that cannot name anything is answered like one that names nothing. */
function paramsOf(schema: z.ZodType, params: unknown): unknown {
  const parsed = schema.safeParse(params);
  if (!parsed.success) throw new ProblemError("route/not-found", "Nothing is here.");
  return parsed.data;
}

/** A parameter given twice becomes an array, which no schema accepts: one of them would be ignored. */
function queryOf(request: Request): Record<string, string | string[]> {
  const { searchParams } = new URL(request.url);
  return Object.fromEntries(
    [...new Set(searchParams.keys())]
      .filter((key) => key !== SCOPE_PARAM)
      .map((key) => {
        const [first = "", ...more] = searchParams.getAll(key);
        return [key, more.length > 0 ? [first, ...more] : first];
      }),
  );
}

function respond(answer: unknown, spec: RouteSpec<Schemas>): Response {
  if (answer instanceof Response) return answer;
  const { status = 200 } = spec;
  return status === 204
    ? new Response(null, { status })
    : Response.json(asPromised(answer, spec), { status });
}

/** Schemas are strict: a column that slipped into a view stops here and never reaches the wire. */
function asPromised(answer: unknown, { output }: RouteSpec<Schemas>): unknown {
  if (!output) throw new Error("A route without an output schema must answer by itself");
  return output.parse(answer);
}
