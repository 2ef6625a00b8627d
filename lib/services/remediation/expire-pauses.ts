/** The end of pauses whose time is over: people are told of it, and who reads the record sees it. */
import { z } from "zod";
import type { Db } from "#db/client";
import { pauseEnd, pauseLock, pausesExpired } from "#db/queries/remediation-facts";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { settleEachDue } from "#lib/services/each-due";
import { announce } from "#lib/services/notification/announce";
import { pauseEnded } from "./announce-pause.ts";

/** Nothing waits for this: a pause holds nothing back from the instant on at which its time is over. */
export function expirePauses(db: Db, now: () => Date): Promise<{ found: number; full: boolean }> {
  return settleEachDue(db, now, {
    name: "expire-pauses",
    find: pausesExpired,
    settle: (ctx, id) => expire(ctx, { pauseId: id }),
  });
}

const expire = command({
  name: "remediation.expire_pause",
  permission: "remediation:pause",
  input: z.strictObject({ pauseId: z.uuid() }),
  target: ({ pauseId }) => pauseId,
  async run(tx, { actor, now }, { pauseId }) {
    const row = await pauseLock(tx, actor.trustDomainIds, pauseId);
    if (!row) throw new ProblemError("remediation/pause-not-found", `No pause ${pauseId}.`);
    if (row.endedAt !== null) throw new ProblemError("remediation/pause-over", "It is over.");
    const { trustDomainId, scope, expiresAt } = row;
    await pauseEnd(tx, row, expiresAt);
    await announce(tx, pauseEnded(row, "Its time is over.", expiresAt));
    return {
      result: undefined,
      audit: {
        ...{ trustDomainId, entity: "remediation_pause", entityId: pauseId },
        before: { scope, until: expiresAt },
        after: { endedAt: expiresAt, recordedAt: now() },
      },
    };
  },
});
