/** The end of requests that nobody decided in time. */
import { z } from "zod";
import type { Db } from "#db/client";
import { changeLock, changeSetState, changesOverdue } from "#db/queries/change-request";
import { trustDomainIds } from "#db/queries/trust-domain";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { announceDecided } from "./announce-change.ts";

/** Requests per run: each is a transaction of its own. */
const BATCH = 100;

/** @returns how many were found overdue; `BATCH` of them may mean more */
export async function expireChanges(db: Db, now: () => Date): Promise<{ found: number; full: boolean }> {
  const scope = await trustDomainIds(db);
  const ids = await changesOverdue(db, scope, now(), BATCH);
  const ctx: ServiceContext = {
    db,
    actor: { kind: "system", id: "worker", trustDomainIds: scope },
    requestId: "expire-changes",
    address: null,
    now,
  };
  for (const requestId of ids) {
    // Decided or cancelled since it was found: then there is nothing left to do.
    await expire(ctx, { requestId }).catch((error: unknown) => {
      if (!(error instanceof ProblemError)) throw error;
    });
  }
  return { found: ids.length, full: ids.length === BATCH };
}

const expire = command({
  name: "change.expire",
  permission: "change:decide",
  input: z.strictObject({ requestId: z.uuid() }),
  target: ({ requestId }) => requestId,
  async run(tx, { actor, now }, { requestId }) {
    const row = await changeLock(tx, actor.trustDomainIds, requestId);
    if (!row) throw new ProblemError("change/not-found", `No change request ${requestId}.`);
    if (row.state !== "pending") throw new ProblemError("change/decided", `It is ${row.state} already.`);
    await changeSetState(tx, row, "expired", row.expiresAt);
    await announceDecided(tx, row, "expired", now());
    return {
      result: undefined,
      audit: {
        trustDomainId: row.trustDomainId,
        entity: "change",
        entityId: requestId,
        before: { state: row.state },
        after: { state: "expired", expiresAt: row.expiresAt, recordedAt: now() },
      },
    };
  },
});
