/** A change that is asked for twice is done once (draft-ietf-httpapi-idempotency-key-header). */
import { createHash } from "node:crypto";
import { asDb } from "#db/client";
import {
  type IdempotencyRow,
  idempotencyFind,
  idempotencyPut,
  idempotencyTryLock,
} from "#db/queries/idempotency";
import { canonicalJson } from "#lib/domain/audit/canonical-json";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";

/** How long an answer is kept. Milliseconds. */
export const ANSWER_KEPT_MS = 24 * 3_600_000;

/** A good answer as it goes over the wire; `body: null` = none. */
export type Answer = { status: number; body: unknown };

/** A change that needs something first that is asked of other systems: no connection is held while it is. */
export type Prepared<P> = {
  prepare: () => Promise<P>;
  run: (ctx: ServiceContext, prepared: P) => Promise<Answer>;
};

async function withPrepared<P>({
  prepare,
  run,
}: Prepared<P>): Promise<(ctx: ServiceContext) => Promise<Answer>> {
  const prepared = await prepare();
  return (ctx) => run(ctx, prepared);
}

const sha256 = (text: string): Buffer => createHash("sha256").update(text, "utf8").digest();

/**
 * Carry a change out, or give the answer again that it had.
 *
 * `run` is given a context whose transactions are parts of one that also keeps the answer: there is no change without
 * its answer, and no answer without its change. What is refused changed nothing and is not kept; its record in the
 * audit log is.
 *
 * @param key as the caller named it
 * @param request all that makes two requests the same one
 * @throws {ProblemError} `request/in-progress`, `request/key-reused`, or what `run` refuses with
 */
export async function answerOnce<P = undefined>(
  ctx: ServiceContext,
  { key, request }: { key: string; request: unknown },
  does: ((ctx: ServiceContext) => Promise<Answer>) | Prepared<P>,
): Promise<Answer & { repeated: boolean }> {
  const { kind, id, trustDomainIds } = ctx.actor;
  const named = { principal: `${kind}:${id}`, keySha256: sha256(key) };
  const requestSha256 = sha256(canonicalJson(request));
  const now = ctx.now();
  const over = new Date(now.getTime() - ANSWER_KEPT_MS);
  const [trustDomainId] = trustDomainIds;
  if (!trustDomainId) throw new ProblemError("auth/forbidden", "You have no trust domain.");
  if (typeof does !== "function") {
    // Asked again below, under the lock, which decides.
    const kept = await idempotencyFind(ctx.db, trustDomainIds, named, over);
    if (kept) return answerOf(kept, requestSha256);
  }
  const run = typeof does === "function" ? does : await withPrepared(does);
  const outcome = await ctx.db.transaction(async (tx) => {
    if (!(await idempotencyTryLock(tx, named)))
      throw new ProblemError(
        "request/in-progress",
        "A request with this Idempotency-Key is being carried out.",
      );
    const kept = await idempotencyFind(tx, trustDomainIds, named, over);
    if (kept) return answerOf(kept, requestSha256);
    const answer = await run({ ...ctx, db: asDb(tx) }).catch((error: unknown) => {
      if (error instanceof ProblemError) return error;
      throw error;
    });
    if (answer instanceof ProblemError) return answer;
    const { status, body } = answer;
    const row = { trustDomainId, ...named, requestSha256, status, answer: body, createdAt: now };
    await idempotencyPut(tx, row, over);
    return { ...answer, repeated: false };
  });
  if (outcome instanceof ProblemError) throw outcome;
  return outcome;
}

function answerOf(kept: IdempotencyRow, requestSha256: Buffer): Answer & { repeated: boolean } {
  if (!kept.requestSha256.equals(requestSha256))
    throw new ProblemError("request/key-reused", "This Idempotency-Key was used for another request.");
  return { status: kept.status, body: kept.answer, repeated: true };
}
