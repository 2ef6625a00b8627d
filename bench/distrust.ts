/**
 * B21: deriving history anew after a key was distrusted, against reading the intervals that rested on it.
 *
 * Each run has a trust domain of its own: nodes with thirty days of history, ten statements each, all
 * vouched for by one key, and the node's own line beside them. Baseline: the worker's own queries read
 * all of these intervals, in the worker's batches. Candidate: the worker derives them anew, commits
 * included. The statement stays the same when the log is longer: lanes that end in the distrusted key are
 * cut without it. (A lane that the instant cuts in the middle of a statement is folded from the log.)
 */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import { startEmbedded } from "#db/embedded";
import { migrate } from "#db/migrate";
import { nodesOfSource } from "#db/queries/distrust";
import { fusedIntervals, laneIntervals } from "#db/queries/ingest-history";
import { BY_INDEX, inTransaction } from "#db/transaction";
import { rederiveNext } from "#lib/jobs/rederive";
import { type SeededDomain, seedHistory } from "./history-data.ts";
import { seconds } from "./measure.ts";
import { type BenchResult, type Run, resultOf } from "./ratios.ts";

/** Few nodes for a ratio of many runs; and as many as the promise names, for which a run takes minutes. */
const SIZES = { usual: { nodes: 5_000, runs: 7 }, full: { nodes: 100_000, runs: 1 } };
type Size = (typeof SIZES)["usual"];
const STATEMENTS = 10;
const BATCH = 250;
/** Reading ÷ deriving that the promise "at most twice the time" amounts to. */
const FLOOR = 0.5;
const START = "2026-01-01T00:00:00Z";
const END = new Date("2026-01-31T00:00:00Z");

export const benchDistrust = (log: (line: string) => void) => bench(log, SIZES.usual);
export const benchDistrustFull = (log: (line: string) => void) => bench(log, SIZES.full);

async function bench(log: (line: string) => void, { nodes, runs }: Size): Promise<BenchResult> {
  const dir = await mkdtemp(join(tmpdir(), "touchstone-bench-"));
  const postgres = await startEmbedded({ dataDir: dir, log: () => {} });
  await migrate(postgres.url);
  const pool = new Pool({ connectionString: postgres.url, max: 1 });
  const each: Run[] = [];
  try {
    for (let run = runs > 1 ? 0 : 1; run <= runs; run += 1) {
      const domain = await seedHistory(pool, { nodes, statements: STATEMENTS, days: 3, start: START });
      await pool.query("VACUUM ANALYZE trust_interval");
      await pool.query("CHECKPOINT");
      let rows = 0;
      const read = await seconds(async () => {
        rows = await readAll(pool, domain);
      });
      await decide(pool, domain, nodes);
      const derive = await seconds(async () => {
        while (await rederiveNext(pool, () => END, BATCH));
      });
      await verify(pool, domain, nodes);
      // The first run warms plans and caches and does not count, where there are several.
      if (run === 0) continue;
      each.push({ candidate: nodes / derive, baseline: nodes / read, load: loadavg()[0] ?? 0 });
      log(
        `run ${run}: ${rows.toLocaleString("en")} intervals of ${nodes.toLocaleString("en")} nodes read in ${read.toFixed(2)} s, derived anew in ${derive.toFixed(2)} s (${Math.round(nodes / derive).toLocaleString("en")} nodes/s), ratio ${(read / derive).toFixed(3)}`,
      );
    }
  } finally {
    await pool.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
  return resultOf({ floor: FLOOR }, each);
}

/** As the worker does, but for the writing. @returns how many intervals there were */
async function readAll(pool: Pool, { trustDomainId, sourceId }: SeededDomain): Promise<number> {
  let rows = 0;
  for (let after: string | null = null; ; ) {
    const read = await inTransaction(
      pool,
      async (client) => {
        const ids = await nodesOfSource(client, trustDomainId, sourceId, after, BATCH);
        const lanes = await laneIntervals(client, trustDomainId, ids);
        const fused = await fusedIntervals(client, trustDomainId, ids);
        return { last: ids.at(-1) ?? null, rows: lanes.length + fused.length };
      },
      BY_INDEX,
    );
    after = read.last;
    rows += read.rows;
    if (after === null) return rows;
  }
}

async function decide(pool: Pool, { trustDomainId, sourceId }: SeededDomain, nodes: number): Promise<void> {
  await pool.query(
    "UPDATE source_key SET state = 'distrusted', distrusted_since = $3 WHERE trust_domain_id = $1 AND source_id = $2",
    [trustDomainId, sourceId, START],
  );
  await pool.query(
    `INSERT INTO rederivation (trust_domain_id, id, source_id, kid, since, recorded_at, nodes_total, nodes_done)
     VALUES ($1, $2, $3, 'k', $4, $5, $6, 0)`,
    [trustDomainId, randomUUID(), sourceId, START, END, nodes],
  );
}

/** A run that did not do its work must not count as a fast one. */
async function verify(pool: Pool, { trustDomainId }: SeededDomain, nodes: number): Promise<void> {
  const { rows } = await pool.query(
    "SELECT count(*)::int AS n FROM node_state WHERE trust_domain_id = $1 AND status = 'stale'",
    [trustDomainId],
  );
  if (rows[0].n !== nodes) throw new Error(`${rows[0].n} of ${nodes} nodes were derived anew`);
}
