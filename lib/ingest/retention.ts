/** Verdicts from before the history that is kept cannot be folded any more, and are refused. */
import { MIN_VERDICT_DAYS, retentionRead } from "#db/queries/retention";
import type { SqlClient } from "#db/transaction";
import type { Facts, Refusal, VerdictFact } from "./interpret.ts";

const MIN_MS = MIN_VERDICT_DAYS * 86_400_000;

/**
 * The facts with every verdict that is too old turned into a refusal.
 *
 * Younger ones than any installation may drop are not asked about: that is nearly all of them.
 */
export async function withinRetention(client: SqlClient, facts: Facts, receivedAt: Date): Promise<Facts> {
  const youngMs = receivedAt.getTime() - MIN_MS;
  if (facts.verdicts.every(({ verdict }) => verdict.observedAtMs >= youngMs)) return facts;
  const { retainedSince } = await retentionRead(client);
  if (retainedSince === null) return facts;
  const sinceMs = retainedSince.getTime();
  const isKept = ({ verdict }: VerdictFact) => verdict.observedAtMs >= sinceMs;
  const tooOld = facts.verdicts.filter((fact) => !isKept(fact));
  if (tooOld.length === 0) return facts;
  return {
    ...facts,
    verdicts: facts.verdicts.filter(isKept),
    refusals: [...facts.refusals, ...tooOld.map((fact) => refusalOf(fact, retainedSince))],
  };
}

function refusalOf({ raw, index, verdict, rawMediaType }: VerdictFact, since: Date): Refusal {
  return {
    category: "expired",
    code: "event/before-retention",
    detail: `Verdicts from before ${since.toISOString()} are not kept any more.`,
    raw,
    index,
    id: null,
    subject: verdict.displayName,
    mediaType: rawMediaType,
  };
}
