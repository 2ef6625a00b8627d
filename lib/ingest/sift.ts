/** Telling new verdicts from repeats and replays before anything is written. */

import { verdictOwners, verdictSeenSince } from "#db/queries/ingest-verdicts";
import type { SqlClient } from "#db/transaction";
import type { IdentityFinding } from "#lib/domain/identity";
import type { Refusal, VerdictFact } from "./interpret.ts";
import type { LoadedSource } from "./load-source.ts";
import { type Claimant, type Directory, knownNodes } from "./resolve-nodes.ts";

/** A message without a time of its own that comes again within this time is a retry of the same one. */
const RETRY_WINDOW_MS = 24 * 3_600_000;

export const verdictClaimant = ({ verdict }: VerdictFact): Claimant => ({
  identities: verdict.identities,
  displayName: verdict.displayName,
  seenAtMs: verdict.observedAtMs,
});

/** Verdicts of a batch that are looked up to tell whether it was sent before. */
const PROBES = 4;

/** What is left to store, and what is refused because its bytes already count for another node. */
export type Sifted = { fresh: VerdictFact[]; replays: Refusal[]; findings: IdentityFinding[] };

/**
 * Sift verdicts by their event hash: the same bytes for the same node are a repeat and dropped; the
 * same bytes for another node are a replay and refused, before they can make that node.
 *
 * @param assumeNew take a batch for new as a whole when a few of its verdicts are: most are, and the
 *   unique keys of the log hold whatever is assumed. One that is not new loses the transaction to
 *   them, nodes that it made included, and is sifted for good in the next attempt.
 */
export async function siftVerdicts(
  client: SqlClient,
  source: LoadedSource,
  directory: Directory,
  verdicts: readonly VerdictFact[],
  receivedAt: Date,
  assumeNew: boolean,
): Promise<Sifted> {
  const { once, replays } = withinBatch(verdicts);
  const ownersOf = (facts: readonly VerdictFact[]) =>
    verdictOwners(
      client,
      source.trustDomainId,
      source.id,
      facts.map(({ verdict, eventHash }) => ({ observedAtMs: verdict.observedAtMs, eventHash })),
    );
  if (assumeNew && once.length > PROBES && !once.some((fact) => isDatedByArrival(fact, receivedAt))) {
    const step = Math.floor(once.length / PROBES);
    const probed = await ownersOf(once.filter((_, index) => index % step === 0));
    if (probed.every((owner) => owner === null)) return { fresh: once, replays, findings: [] };
  }
  const owners = await ownersOf(once);
  const fresh: VerdictFact[] = [];
  const findings: IdentityFinding[] = [];
  for (const [index, fact] of once.entries()) {
    const owner = owners[index];
    const named = knownNodes(directory, verdictClaimant(fact));
    if (owner) {
      if (named.includes(owner)) continue;
      replays.push(replayRefusal(fact));
      findings.push(sharedEvidence(owner, named[0] ?? null, fact));
    } else if (
      !isDatedByArrival(fact, receivedAt) ||
      !(await isRetry(client, source, fact, named[0], receivedAt))
    ) {
      fresh.push(fact);
    }
  }
  return { fresh, replays, findings };
}

function sharedEvidence(
  nodeId: string,
  otherNodeId: string | null,
  { verdict }: VerdictFact,
): IdentityFinding {
  const sentence = "The very evidence of this node was sent again under another name.";
  return { kind: "clone", nodeId, otherNodeId, sentence, claimed: verdict.identities };
}

function withinBatch(verdicts: readonly VerdictFact[]): { once: VerdictFact[]; replays: Refusal[] } {
  const nameOf = ({ verdict }: VerdictFact) => JSON.stringify(verdict.identities);
  const first = new Map<string, VerdictFact>();
  const replays: Refusal[] = [];
  for (const fact of verdicts) {
    const earlier = first.get(fact.eventHash);
    if (!earlier) first.set(fact.eventHash, fact);
    else if (nameOf(earlier) !== nameOf(fact)) replays.push(replayRefusal(fact));
  }
  return { once: [...first.values()], replays };
}

/** Only a verdict dated by its arrival can come again under another time. */
const isDatedByArrival = ({ verdict }: VerdictFact, receivedAt: Date): boolean =>
  verdict.observedAtMs === receivedAt.getTime();

async function isRetry(
  client: SqlClient,
  source: LoadedSource,
  fact: VerdictFact,
  nodeId: string | undefined,
  receivedAt: Date,
): Promise<boolean> {
  if (!nodeId) return false;
  const since = new Date(receivedAt.getTime() - RETRY_WINDOW_MS);
  const key = { nodeId, sourceId: source.id, eventHash: fact.eventHash, since };
  return verdictSeenSince(client, source.trustDomainId, key);
}

function replayRefusal(fact: VerdictFact): Refusal {
  return {
    category: "replay",
    code: "event/replay",
    detail: "These very bytes already count as a verdict about another node.",
    raw: fact.raw,
    index: fact.index,
    id: null,
    subject: fact.verdict.displayName ?? fact.verdict.identities[0]?.value ?? null,
    mediaType: fact.rawMediaType,
  };
}
