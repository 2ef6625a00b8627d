/** Telling of change requests: that one waits for a second person, and what became of it. */
import type { Tx } from "#db/client";
import type { ChangeRow } from "#db/queries/change-request";
import { announce } from "#lib/services/notification/announce";

type Told = Pick<ChangeRow, "trustDomainId" | "id" | "kind" | "subject" | "summary">;

export function announceWaiting(tx: Tx, row: Told, by: string, at: Date): Promise<void> {
  return announce(tx, {
    kind: "change.waiting",
    ...wordsOf(row),
    title: `Waits for approval: ${row.summary}`,
    summary: `Proposed by ${by}.`,
    at,
  });
}

/** @param state what it became: applied, denied, cancelled or expired */
export async function announceDecided(tx: Tx, row: Told, state: string, at: Date): Promise<void> {
  await announce(tx, {
    kind: "change.decided",
    ...wordsOf(row),
    title: `${WORDS[state] ?? state}: ${row.summary}`,
    at,
  });
  if (state === "applied" && row.kind.startsWith("baseline."))
    await announce(tx, {
      kind: "baseline.decided",
      ...wordsOf(row),
      subject: row.subject,
      title: row.summary,
      at,
    });
}

const WORDS: Readonly<Record<string, string>> = {
  applied: "Approved and done",
  denied: "Denied",
  cancelled: "Taken back",
  expired: "Expired undecided",
};

const wordsOf = ({ trustDomainId, id, kind: change }: Told) => ({
  trustDomainId,
  subject: id,
  labels: { change },
  link: `/changes/${id}`,
});
