/** The end of pauses whose time is over: people are told of it, and who reads the record sees it. */
import { z } from "zod";
import type { Db } from "#db/client";
import { pauseEnd, pauseLock, pausesExpired } from "#db/queries/remediation-facts";
import { trustDomainIds } from "#db/queries/trust-domain";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { announce } from "#lib/services/notification/announce";
import { pauseEnded } from "./announce-pause.ts";

/** Pauses per run: each is a transaction of its own. */
const BATCH = 100;

/** Nothing waits for this: a pause holds nothing back from the instant on at which its time is over. */
export async function expirePauses(db: Db, now: () => Date): Promise<{ full: boolean }> {
  const scope = await trustDomainIds(db);
  const ids = await pausesExpired(db, scope, now(), BATCH);
  const ctx: ServiceContext = {
    db,
    actor: { kind: "system", id: "worker", trustDomainIds: scope },
    requestId: "expire-pauses",
    address: null,
    now,
  };
  for (const pauseId of ids) {
    // Another worker did it since it was found.
    await expire(ctx, { pauseId }).catch((error: unknown) => {
      if (!(error instanceof ProblemError)) throw error;
    });
  }
  return { full: ids.length === BATCH };
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
