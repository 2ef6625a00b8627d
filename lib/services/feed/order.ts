/**
 * Gives facts their places: one order per trust domain, without a gap.
 *
 * Facts are noted by whoever changes something, side by side, and their transactions end in any order. Only here do they
 * get places, under the lock of the domain's head, and only once they have committed. So a reader who has passed a place
 * has passed everything before it: what commits late gets a later place, and is never skipped. Whoever waited for a
 * node's lock noted its fact after the other, and both are seen together or the earlier one first: the facts of a node
 * stay in order.
 */
import type { Db } from "#db/client";
import { auditFactsInsert, factFirst, factForget, factNumber, headLock, headMove } from "#db/queries/feed";
import { deliveryForget } from "#db/queries/sink-delivery";

/** Most places that are given in one transaction. */
const BATCH = 1_000;
/** How long a fact that every sink was told is kept, to be told again. */
export const FACTS_KEPT_MS = 30 * 86_400_000;
/** How long it is kept what sinks were told by the minute: a year, and time to report on it. */
export const DELIVERIES_KEPT_MS = 400 * 86_400_000;

/** @returns places that were given; `full` when more may wait, `null` when somebody else is at it */
export async function orderFacts(
  db: Db,
  trustDomainId: string,
): Promise<{ given: number; full: boolean } | null> {
  return db.transaction(async (tx) => {
    const head = await headLock(tx, trustDomainId);
    if (!head) return null;
    const audited = await auditFactsInsert(tx, trustDomainId, { from: head.auditSize, limit: BATCH });
    const given = await factNumber(tx, trustDomainId, { after: head.lastSeq, limit: BATCH });
    if (audited > 0 || given > 0) {
      const [lastSeq, auditSize] = [head.lastSeq + given, head.auditSize + audited];
      await headMove(tx, { trustDomainId, lastSeq, auditSize });
    }
    return { given, full: audited === BATCH || given === BATCH };
  });
}

/** Forget old facts that nobody waits for, and what was told long ago. @returns whether more may be left */
export async function forgetFacts(db: Db, trustDomainId: string, now: Date): Promise<boolean> {
  return db.transaction(async (tx) => {
    const head = await headLock(tx, trustDomainId);
    if (!head) return false;
    const told = await deliveryForget(tx, trustDomainId, {
      before: new Date(now.getTime() - DELIVERIES_KEPT_MS),
      limit: BATCH,
    });
    const before = new Date(now.getTime() - FACTS_KEPT_MS);
    const gone = await factForget(tx, trustDomainId, { before, limit: BATCH });
    if (gone === 0) return told === BATCH;
    const keptFrom = (await factFirst(tx, trustDomainId)) ?? head.lastSeq + 1;
    await headMove(tx, { trustDomainId, keptFrom });
    return gone === BATCH || told === BATCH;
  });
}
