/** Telling of remediation: that a request waits, what became of it, and what was done without approval. */
import type { Tx } from "#db/client";
import { type RemediationRow, remediationTargets } from "#db/queries/remediation";
import type { EventKind } from "#lib/domain/notify/event";
import type { RequestState } from "#lib/domain/remediation";
import { REAL_DRILL } from "#lib/domain/sacrificial";
import { announce } from "#lib/services/notification/announce";

/** What is told of a state that a request came to, and in which words; the others are on the way somewhere. */
const TOLD: Partial<Record<RequestState, { kind: EventKind; words: string }>> = {
  pending: { kind: "remediation.requested", words: "waits for approval" },
  approved: { kind: "remediation.approved", words: "is approved" },
  executing: { kind: "remediation.executing", words: "is carried out" },
  succeeded: { kind: "remediation.succeeded", words: "is done and verified" },
  partially_failed: { kind: "remediation.partially_failed", words: "came only halfway" },
  failed: { kind: "remediation.failed", words: "failed" },
  aborted: { kind: "remediation.aborted", words: "was aborted" },
  denied: { kind: "remediation.denied", words: "is denied" },
  expired: { kind: "remediation.expired", words: "expired" },
  superseded: { kind: "remediation.superseded", words: "is superseded" },
  cancelled: { kind: "remediation.cancelled", words: "is taken back" },
};

/** Tell what a request has come to. A rehearsal does nothing, and nobody is told of it. */
export async function announceRequest(tx: Tx, row: RemediationRow, at: Date): Promise<void> {
  const told = TOLD[row.state as RequestState];
  if (told && row.origin !== "drill") await tell(tx, row, { ...told, at });
}

/** Somebody acted without approval, and others are to look at it. */
export async function announceBreakGlass(tx: Tx, row: RemediationRow, at: Date): Promise<void> {
  await tell(tx, row, { kind: "remediation.break_glass", words: "is done without approval", at });
  await tell(tx, row, { kind: "review.due", words: "waits for its review", at });
}

/** Nobody looked at it in time. @param dueAt until when it was to be reviewed */
export function announceOverdue(tx: Tx, row: RemediationRow, dueAt: Date): Promise<void> {
  const words = "was not reviewed in time";
  return tell(tx, row, { kind: "review.overdue", words, at: dueAt });
}

/** @param words what the review came to */
export function announceReview(tx: Tx, row: RemediationRow, words: string, at: Date): Promise<void> {
  return tell(tx, row, { kind: "review.done", words: `was reviewed: ${words}`, at });
}

async function tell(
  tx: Tx,
  row: RemediationRow,
  { kind, words, at }: { kind: EventKind; words: string; at: Date },
): Promise<void> {
  const { trustDomainId, id, action, reason, outcome, origin } = row;
  const targets = await remediationTargets(tx, row);
  const [first] = targets;
  const what = targets.length === 1 && first ? first.displayName : `${targets.length} nodes`;
  const isDrill = origin === REAL_DRILL;
  await announce(tx, {
    ...{ kind, trustDomainId, subject: id, at, link: `/remediations/${id}` },
    // A drill is nobody's emergency, whatever comes of it.
    ...(isDrill && { severity: "info" }),
    labels: { action, ...(isDrill && { drill: "true" }) },
    title: `${isDrill ? "Drill: " : ""}${action} of ${what} ${words}`,
    summary: outcome ?? reason,
  });
}
