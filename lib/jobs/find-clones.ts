/** Two parties that look like one machine, found by comparing what is stored. */
import { findingKey, knownFindings, nodesWithTwoCallers, sharedWeakIds } from "#db/queries/clones";
import { notifyChange } from "#db/queries/ingest-log";
import { inTransaction } from "#db/transaction";
import type { IdentityFinding } from "#lib/domain/identity";
import type { IdentityKind } from "#lib/domain/verdict";
import { recordFindings } from "#lib/ingest/note-identity";
import type { Job } from "./job.ts";

const LOOK_BACK_MS = 3_600_000;
/** Findings per run: more of them are one incident, and the next runs bring the rest. */
const LIMIT = 500;

type Found = { trustDomainId: string; sourceId: string | null; finding: IdentityFinding };

export const findClones: Job = {
  name: "find-clones",
  everyMs: 60_000,
  async run({ db, now }) {
    const at = now();
    const since = new Date(at.getTime() - LOOK_BACK_MS);
    const pool = db.$client;
    const known = await knownFindings(pool);
    const shared = (await sharedWeakIds(pool, since, LIMIT)).map(
      ({ trustDomainId, nodeId, otherNodeId, kind, value }): Found => {
        const claimed = [{ kind: kind as IdentityKind, value }];
        const sentence = `Two nodes use the same ${kind} at the same time. Neither was merged.`;
        const finding = { kind: "weak_id_conflict" as const, nodeId, otherNodeId, sentence, claimed };
        return { trustDomainId, sourceId: null, finding };
      },
    );
    const twice = (await nodesWithTwoCallers(pool, since, LIMIT)).map(
      ({ trustDomainId, nodeId, sourceId, callers }): Found => {
        const claimed = callers.map((value) => ({ kind: "ip" as const, value }));
        const sentence = "This node proved itself from two addresses in turn, as two machines would.";
        const finding = { kind: "clone" as const, nodeId, otherNodeId: null, sentence, claimed };
        return { trustDomainId, sourceId, finding };
      },
    );
    const news = [...shared, ...twice].filter(({ finding }) => !known.has(findingKey(finding)));
    for (const some of Map.groupBy(news, (one) => `${one.trustDomainId} ${one.sourceId}`).values()) {
      const [first] = some;
      if (!first) continue;
      await inTransaction(pool, async (client) => {
        const findings = some.map(({ finding }) => finding);
        await recordFindings(client, first.trustDomainId, first.sourceId, findings, at);
        await notifyChange(client, first.trustDomainId, ["fleet", "nodes"], []);
      });
    }
    return "idle";
  },
};
