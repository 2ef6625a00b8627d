/** What is in shadow decides nothing; this notes the nodes about which it would decide otherwise. */
import { domainsInShadow, shadowCompared, shadowReplace } from "#db/queries/policy-work";
import { inTransaction, type SqlPool } from "#db/transaction";
import { comparedNodes, policySides } from "#lib/ingest/policy-compare";
import { shadowsOf } from "#lib/ingest/policy-grounds";
import type { Job } from "./job.ts";

export const compareShadow: Job = {
  name: "compare-shadow",
  everyMs: 30_000,
  async run({ db, now }, signal) {
    const domains = await inTransaction(db.$client, domainsInShadow);
    for (const trustDomainId of domains) {
      if (signal.aborted) return "idle";
      await compareDomain(db.$client, trustDomainId, now());
    }
    return "idle";
  },
};

/** Idempotent: a run that is cut off is made good by the next one. */
function compareDomain(pool: SqlPool, trustDomainId: string, now: Date): Promise<void> {
  return inTransaction(pool, async (client) => {
    for (const { activationId, proposal } of await shadowsOf(client, trustDomainId, now.getTime())) {
      const activation = { trustDomainId, activationId };
      let nodes = 0;
      for await (const batch of comparedNodes(client, trustDomainId, policySides(proposal, now.getTime()))) {
        nodes += batch.length;
        const differing = batch.filter(({ current, proposed }) => current.state !== proposed.state);
        const differences = differing.map(({ nodeId, current, proposed }) => ({
          ...{ nodeId, state: current.state, shadowState: proposed.state },
          ...{ shadowReason: proposed.reason, ruleId: proposed.ruleId },
        }));
        const ids = batch.map(({ nodeId }) => nodeId);
        await shadowReplace(client, activation, ids, differences, now);
      }
      await shadowCompared(client, activation, nodes, now);
    }
  });
}
