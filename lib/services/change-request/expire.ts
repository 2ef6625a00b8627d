/** The end of requests that nobody decided in time. */
import { z } from "zod";
import type { Db } from "#db/client";
import { changeLock, changeSetState, changesOverdue } from "#db/queries/change-request";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { settleEachDue } from "#lib/services/each-due";
import { announceDecided } from "./announce-change.ts";

/** @returns how many were found overdue; `full` = there may be more */
export function expireChanges(db: Db, now: () => Date): Promise<{ found: number; full: boolean }> {
  return settleEachDue(db, now, {
    name: "expire-changes",
    find: changesOverdue,
    settle: (ctx, id) => expire(ctx, { requestId: id }),
  });
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
