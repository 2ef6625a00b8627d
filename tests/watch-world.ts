/** A source that reports on a few nodes at a steady pace, and the worker's reconcilers under a moved clock. */
import type { Pool } from "pg";
import type { Db } from "#db/client";
import { applyLimits } from "#lib/jobs/apply-limits";
import { ensurePartitions } from "#lib/jobs/ensure-partitions";
import type { Job } from "#lib/jobs/job";
import { learnCadence } from "#lib/jobs/learn-cadence";
import { markStale } from "#lib/jobs/mark-stale";
import { watchCoverage } from "#lib/jobs/watch-coverage";
import { watchSources } from "#lib/jobs/watch-sources";
import { BATCH, type Clock, cloudEvent, verdictDocument, type World } from "./ingest-world.ts";

const JOBS: readonly Job[] = [
  ensurePartitions,
  learnCadence,
  applyLimits,
  markStale,
  watchSources,
  watchCoverage,
];

/** Run the reconcilers until none has more to do. */
export async function runReconcilers(db: Db, clock: Clock, jobs: readonly Job[] = JOBS): Promise<void> {
  const { signal } = new AbortController();
  for (const job of jobs) {
    while ((await job.run({ db, now: () => clock.now }, signal)) === "more");
  }
}

export type Saying = { node: string; atMs: number } & Record<string, unknown>;

/** Send verdicts in batches; each must be accepted. */
export async function say(
  world: World,
  bearer: string,
  sayings: readonly Saying[],
  { backfill = false }: { backfill?: boolean } = {},
): Promise<void> {
  for (let start = 0; start < sayings.length; start += 500) {
    const events = sayings
      .slice(start, start + 500)
      .map(({ node, atMs, ...more }) =>
        cloudEvent("verdict", verdictDocument(node, atMs, "affirming", more)),
      );
    const answer = await world.send({
      bearer,
      path: `/api/v1/events${backfill ? "?backfill=true" : ""}`,
      headers: BATCH,
      body: JSON.stringify(events),
    });
    if (answer.json.rejected?.length !== 0) throw new Error(answer.body);
  }
}

/** Every node at a steady pace from one instant to before another. */
export function steadily(
  nodes: readonly string[],
  { fromMs, toMs, everyMs }: { fromMs: number; toMs: number; everyMs: number },
  more: Record<string, unknown> = {},
): Saying[] {
  const sayings: Saying[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += everyMs) {
    for (const [index, node] of nodes.entries()) sayings.push({ node, atMs: atMs + index * 1_000, ...more });
  }
  return sayings;
}

/** Findings on record, as known now. */
export async function findingsOnRecord(
  pool: Pool,
): Promise<
  { kind: string; subject: string; since: Date; until: Date | null; nodes: number; detail: object }[]
> {
  const { rows } = await pool.query(
    `SELECT kind, subject, since, until, nodes, detail FROM source_finding WHERE recorded_to IS NULL
     ORDER BY since, kind, subject`,
  );
  return rows;
}
