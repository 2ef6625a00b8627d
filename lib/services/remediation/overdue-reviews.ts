/** Reviews of what was done without approval that nobody made in time: people are told once more. */
import { z } from "zod";
import type { Db } from "#db/client";
import { remediationLock, reviewFind, reviewsUntold, reviewUpdate } from "#db/queries/remediation";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { settleEachDue } from "#lib/services/each-due";
import { announceOverdue } from "./announce-request.ts";

export function tellOverdueReviews(db: Db, now: () => Date): Promise<{ found: number; full: boolean }> {
  return settleEachDue(db, now, {
    name: "overdue-reviews",
    find: reviewsUntold,
    settle: (ctx, id) => tell(ctx, { requestId: id }),
  });
}

/** The mark that it was told is written with the event: whoever dies before leaves neither. */
const tell = command({
  name: "remediation.review_overdue",
  permission: "remediation:decide",
  input: z.strictObject({ requestId: z.uuid() }),
  target: ({ requestId }) => requestId,
  async run(tx, { actor, now }, { requestId }) {
    const at = now();
    const row = await remediationLock(tx, actor.trustDomainIds, requestId);
    const review = row && (await reviewFind(tx, row));
    if (!row || !review) throw new ProblemError("remediation/not-found", "It needs no review.");
    if (review.state !== "open")
      throw new ProblemError("remediation/reviewed", `It is ${review.state} already.`);
    if (review.overdueToldAt !== null)
      throw new ProblemError("remediation/reviewed", "People were told that it is overdue.");
    await reviewUpdate(tx, row, { overdueToldAt: at });
    await announceOverdue(tx, row, review.dueAt);
    return {
      result: undefined,
      audit: {
        ...{ trustDomainId: row.trustDomainId, entity: "remediation", entityId: requestId },
        before: { review: review.state, dueAt: review.dueAt },
        after: { review: review.state, overdueToldAt: at },
      },
    };
  },
});
