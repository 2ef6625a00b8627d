/** Refusing what a distrusted key vouches for, also when the distrust was decided after the batch was read. */
import { distrustedKids } from "#db/queries/distrust";
import type { SqlClient } from "#db/transaction";
import type { BootstrapFact, Facts, Refusal, VerdictFact } from "./interpret.ts";
import type { LoadedSource } from "./load-source.ts";

/**
 * Turn facts that rest on a distrusted key into refusals.
 *
 * The keys stay locked until the batch is committed: a decision about one of them waits, and then sees
 * everything that this batch stored. Facts without a key of their own cost nothing here.
 */
export async function refuseDistrusted(
  client: SqlClient,
  source: Pick<LoadedSource, "trustDomainId" | "id">,
  facts: Facts,
): Promise<Facts> {
  const kids = [...new Set([...facts.verdicts, ...facts.bootstrap].flatMap(({ kid }) => kid ?? []))];
  if (kids.length === 0) return facts;
  const distrusted = await distrustedKids(client, source.trustDomainId, source.id, kids);
  if (distrusted.size === 0) return facts;
  const counts = ({ kid }: VerdictFact | BootstrapFact) => kid === null || !distrusted.has(kid);
  const refused = [...facts.verdicts, ...facts.bootstrap].filter((fact) => !counts(fact));
  return {
    verdicts: facts.verdicts.filter(counts),
    bootstrap: facts.bootstrap.filter(counts),
    refusals: [...facts.refusals, ...refused.map(refusal)],
  };
}

const refusal = (fact: VerdictFact | BootstrapFact): Refusal => ({
  category: "key",
  code: "event/key",
  detail: `Key ${fact.kid} is distrusted: nothing that it vouches for is believed.`,
  raw: fact.raw,
  index: fact.index,
  id: null,
  subject: fact.kind === "verdict" ? fact.verdict.displayName : fact.event.displayName,
  mediaType: fact.rawMediaType,
});
