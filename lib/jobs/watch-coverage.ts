/** Watching what verifiers check: lines that pass on less than before, and sources whose verifier weakened. */
import {
  coverageEverHad,
  coverageLossesOf,
  coverageLossWrite,
  coveredLanes,
  nodesChangedSince,
  type StoredLoss,
} from "#db/queries/coverage-loss";
import { notifyChange } from "#db/queries/ingest-log";
import { type WatchedSource, watchedSourceLock, watchedSources, watchSave } from "#db/queries/watch";
import { inTransaction, type SqlClient, type SqlPool } from "#db/transaction";
import { type CoverageLoss, coverageLosses, weakeningsOf } from "#lib/domain/coverage-loss";
import type { Job } from "./job.ts";
import { recordFindings } from "./record-findings.ts";

const BATCH = 200;
/** A change may be committed this long after the instant that it is recorded under. */
const COMMIT_MS = 120_000;

export const watchCoverage: Job = {
  name: "watch-coverage",
  everyMs: 10_000,
  async run({ db, now }, signal) {
    let more = false;
    for (const source of await watchedSources(db.$client, now())) {
      if (signal.aborted) return "idle";
      if (await lookAtSource(db.$client, source, now())) more = true;
    }
    return more ? "more" : "idle";
  },
};

/** @returns whether more nodes are due */
function lookAtSource(pool: SqlPool, before: WatchedSource, now: Date): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const source = await watchedSourceLock(client, before);
    if (!source) return false;
    const { nodeIds, upTo } = await nodesChangedSince(client, source, source.coverageLookedAt, BATCH);
    const changed = nodeIds.length > 0 && (await reviseLosses(client, source, nodeIds, now));
    const more = nodeIds.length >= BATCH;
    // Going on, the next page begins at the last row; at rest, late commits are looked for again.
    const rest = new Date(Math.max(now.getTime() - COMMIT_MS, source.coverageLookedAt?.getTime() ?? 0));
    await watchSave(client, source, { coverageLookedAt: more && upTo ? upTo : rest });
    if (changed) await judgeSource(client, source, now);
    return more;
  });
}

const lineOf = ({ nodeId, submod }: { nodeId: string; submod: string }) => `${nodeId} ${submod}`;

async function reviseLosses(
  client: SqlClient,
  source: WatchedSource,
  nodeIds: readonly string[],
  now: Date,
): Promise<boolean> {
  const { sourceId, trustDomainId } = source;
  const stored = Map.groupBy(await coverageLossesOf(client, source, nodeIds), lineOf);
  const supersede: StoredLoss[] = [];
  const add: (CoverageLoss & { nodeId: string; sourceId: string; submod: string })[] = [];
  for (const { nodeId, submod, stretches } of await coveredLanes(client, source, nodeIds)) {
    const known = stored.get(lineOf({ nodeId, submod })) ?? [];
    const computed = coverageLosses(stretches);
    supersede.push(...known.filter((old) => !computed.some((loss) => sameLoss(old, loss))));
    add.push(
      ...computed
        .filter((loss) => !known.some((old) => sameLoss(old, loss)))
        .map((loss) => ({ ...loss, nodeId, sourceId, submod })),
    );
  }
  if (supersede.length === 0 && add.length === 0) return false;
  const recordedMs = Math.max(now.getTime(), ...supersede.map((old) => old.recordedMs + 1));
  await coverageLossWrite(client, trustDomainId, { supersede, add, recordedAt: new Date(recordedMs) });
  const moved = [...new Set([...supersede, ...add].map(({ nodeId }) => nodeId))];
  await notifyChange(client, trustDomainId, ["fleet", "nodes", "sources"], moved);
  return true;
}

function sameLoss(a: CoverageLoss, b: CoverageLoss): boolean {
  const text = (loss: CoverageLoss) =>
    JSON.stringify([
      loss.fromMs,
      loss.toMs,
      loss.lost,
      loss.coverageBefore,
      loss.coverageAfter,
      loss.policiesBefore,
      loss.policiesAfter,
    ]);
  return text(a) === text(b);
}

async function judgeSource(client: SqlClient, source: WatchedSource, now: Date): Promise<void> {
  const losses = await coverageLossesOf(client, source, null);
  const { had, nodes } = await coverageEverHad(client, source);
  const computed = weakeningsOf(losses, had, nodes).map((weakening) => ({
    kind: "weakened" as const,
    subject: weakening.subject,
    sinceMs: weakening.fromMs,
    untilMs: weakening.toMs,
    detail: { before: [...weakening.before], after: [...weakening.after] },
    nodes: weakening.nodes,
    firstEvidenceMs: weakening.fromMs,
    lastEvidenceMs: weakening.toMs,
  }));
  await recordFindings(client, source, { kinds: ["weakened"], computed, since: null, now });
}
