/** The one way to change something: parsed, allowed, in a transaction of its own, and on the record. */
import type { z } from "zod";
import type { Tx } from "#db/client";
import { auditInsert } from "#db/queries/audit";
import { can, narrowed, type Permission } from "#lib/domain/access";
import { type ProblemCode, ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "./context.ts";
import { parseInput } from "./input.ts";
import { uuidv7 } from "./uuidv7.ts";

/** What the audit entry says. Never put a secret, a password or its hash into `before` or `after`. */
export type AuditNote = {
  trustDomainId: string;
  entity: string;
  entityId: string;
  before: unknown;
  after: unknown;
};

export type CommandSpec<S extends z.ZodType, R> = {
  /** Audit action, `entity.verb`. */
  name: string;
  permission: Permission;
  input: S;
  /** Id of the thing that the attempt was aimed at, for the record of a refusal. */
  target?: (input: z.output<S>) => string;
  run: (tx: Tx, ctx: ServiceContext, input: z.output<S>) => Promise<{ result: R; audit: AuditNote }>;
};

/**
 * Build a use case that writes.
 *
 * `run` gets an actor whose domains are those where it holds the permission. What it does not find there, but
 * finds in all that the caller sees, is refused with `auth/forbidden` instead of being called missing.
 *
 * The audit entry is written in the same transaction: without it nothing happened. An attempt that
 * is refused, by the role or by a rule, is recorded after its transaction was rolled back.
 *
 * @throws {ProblemError} `request/invalid`, `auth/forbidden`, or what `run` refuses with
 */
export function command<S extends z.ZodType, R>(
  spec: CommandSpec<S, R>,
): (ctx: ServiceContext, input: z.input<S>) => Promise<R> {
  return async (ctx, raw) => {
    const input = parseInput(spec.input, raw);
    const entityId = spec.target?.(input) ?? "-";
    try {
      if (!can(ctx.actor, spec.permission)) {
        throw new ProblemError("auth/forbidden", "Your role does not allow this.");
      }
      const allowed: ServiceContext = { ...ctx, actor: narrowed(ctx.actor, spec.permission) };
      return await ctx.db
        .transaction(async (tx) => {
          const { result, audit } = await spec.run(tx, allowed, input);
          await auditInsert(tx, {
            ...entryBase(ctx, spec.name),
            ...audit,
            outcome: "done",
            problemCode: null,
          });
          return result;
        })
        .catch(async (error: unknown) => {
          throw (await seenElsewhere(error, ctx, allowed, (tx) => spec.run(tx, ctx, input)))
            ? new ProblemError("auth/forbidden", "Your role does not allow this in its trust domain.")
            : error;
        });
    } catch (error) {
      if (error instanceof ProblemError) await auditRefusal(ctx, spec.name, entityId, error.code);
      throw error;
    }
  };
}

const TRIED = Symbol("tried");

/**
 * Whether what was not found where the caller holds the permission is found where it only sees.
 *
 * The attempt is made in a transaction that is always rolled back.
 */
async function seenElsewhere(
  error: unknown,
  ctx: ServiceContext,
  allowed: ServiceContext,
  attempt: (tx: Tx) => Promise<unknown>,
): Promise<boolean> {
  if (!(error instanceof ProblemError) || error.status !== 404) return false;
  if (allowed.actor.trustDomainIds.length === ctx.actor.trustDomainIds.length) return false;
  try {
    await ctx.db.transaction(async (tx) => {
      await attempt(tx);
      throw TRIED;
    });
  } catch (outcome) {
    return !(outcome instanceof ProblemError) || outcome.status !== 404;
  }
  return false;
}

/**
 * Record an attempt that was refused. Also used by the HTTP edge, which refuses before a command starts.
 *
 * @param name audit action, `entity.verb`
 */
export async function auditRefusal(
  ctx: ServiceContext,
  name: string,
  entityId: string,
  problemCode: ProblemCode,
): Promise<void> {
  const [trustDomainId] = ctx.actor.trustDomainIds;
  if (!trustDomainId) return;
  await auditInsert(ctx.db, {
    ...entryBase(ctx, name),
    trustDomainId,
    entity: name.split(".")[0] ?? name,
    entityId,
    before: null,
    after: null,
    outcome: "refused",
    problemCode,
  });
}

/** The members of an audit entry that say who did what, when and from where. */
export function entryBase(ctx: ServiceContext, action: string) {
  const at = ctx.now();
  return {
    id: uuidv7(at),
    at,
    actorKind: ctx.actor.kind,
    actorId: ctx.actor.id,
    action,
    requestId: ctx.requestId,
    address: ctx.address,
  };
}
