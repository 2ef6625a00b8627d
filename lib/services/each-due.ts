/** What the worker does about everything that is due, each thing in a transaction of its own. */
import type { Db } from "#db/client";
import { trustDomainIds } from "#db/queries/trust-domain";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";

/** Things per run. */
const BATCH = 100;

/** The worker as who asks. @param requestId names the work in log and audit */
export function workerContext(
  db: Db,
  scope: readonly string[],
  requestId: string,
  now: () => Date,
): ServiceContext {
  return {
    ...{ db, requestId, address: null, now },
    actor: { kind: "system", id: "worker", trustDomainIds: scope },
  };
}

type Work = {
  /** Names the work in log and audit. */
  name: string;
  /** Ids of what is due, at most so many. */
  find: (db: Db, scope: readonly string[], at: Date, limit: number) => Promise<readonly string[]>;
  /** A refusal means that somebody else did it since it was found, or that there is nothing left to do. */
  settle: (ctx: ServiceContext, id: string) => Promise<unknown>;
};

/** @returns how many were found; `full` = there may be more */
export async function settleEachDue(
  db: Db,
  now: () => Date,
  { name, find, settle }: Work,
): Promise<{ found: number; full: boolean }> {
  const scope = await trustDomainIds(db);
  const ids = await find(db, scope, now(), BATCH);
  const ctx = workerContext(db, scope, name, now);
  for (const id of ids) {
    await settle(ctx, id).catch((error: unknown) => {
      if (!(error instanceof ProblemError)) throw error;
    });
  }
  return { found: ids.length, full: ids.length === BATCH };
}
