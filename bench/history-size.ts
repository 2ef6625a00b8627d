/**
 * B5: bytes of history per observation at one per cent changes, against appending every row.
 *
 * 500 nodes are appraised in 40 rounds through the real ingest; one verdict in a hundred says something else than
 * the one before. Candidate: what the history takes (intervals and hot rows, with their indexes). Baseline: the same
 * rows appended once per observation into a table like `trust_interval` with the same key and index. The verdict log
 * is in neither: it is the evidence, kept for its own time, and both would need it.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import { startEmbedded } from "#db/embedded";
import { migrate } from "#db/migrate";
import { BATCH, type Clock, cloudEvent, makeWorld, resetWorld, verdictDocument } from "#tests/ingest-world";
import { type BenchResult, type Run, resultOf, runOf } from "./ratios.ts";

const RUNS = 7;
const NODES = 500;
const ROUNDS = 40;
const FLIP_EVERY = 100;
const BATCH_SIZE = 500;
const ROUND_MS = 60_000;
const CEILING = 0.15;

export async function benchHistorySize(log: (line: string) => void): Promise<BenchResult> {
  const dir = await mkdtemp(join(tmpdir(), "touchstone-bench-"));
  const postgres = await startEmbedded({ dataDir: dir, log: () => {} });
  await migrate(postgres.url);
  const pool = new Pool({ connectionString: postgres.url, max: 2 });
  const runs: Run[] = [];
  try {
    for (let run = 1; run <= RUNS; run += 1) {
      await observe(pool, run);
      const candidate = (await sizeOf(pool, "trust_interval")) + (await sizeOf(pool, "lane"));
      await appendEveryRow(pool);
      const baseline = await sizeOf(pool, "append_every_row");
      const per = (bytes: number) => bytes / (NODES * ROUNDS);
      runs.push(runOf(per(candidate), per(baseline)));
      log(
        `run ${run}: ${per(candidate).toFixed(1)} to ${per(baseline).toFixed(1)} bytes per observation, ratio ${(candidate / baseline).toFixed(3)}`,
      );
    }
  } finally {
    await pool.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
  return resultOf({ ceiling: CEILING }, runs);
}

/** One run through the ingest handler; which verdicts flip differs from run to run. */
async function observe(pool: Pool, run: number): Promise<void> {
  await resetWorld(pool);
  const startMs = Date.parse("2026-05-01T00:00:00Z");
  const clock: Clock = { now: new Date(startMs) };
  const world = await makeWorld(pool, clock);
  const { bearer } = await world.addSource({ kind: "generic", name: "bench" });
  for (let round_ = 0; round_ < ROUNDS; round_ += 1) {
    const atMs = startMs + round_ * ROUND_MS;
    clock.now = new Date(atMs + 1_000);
    for (let first = 0; first < NODES; first += BATCH_SIZE) {
      const events = Array.from({ length: BATCH_SIZE }, (_, n) => {
        const node = first + n;
        // A node changes its mind every hundredth round, at a time of its own.
        const warning = Math.floor((node * 37 + run * 11 + round_) / FLIP_EVERY) % 2 === 0;
        const measurements = { "kernel/release": warning ? "6.12" : "6.13" };
        return cloudEvent(
          "verdict",
          verdictDocument(`node-${node}`, atMs + (node % 1_000), warning ? "warning" : "affirming", {
            measurements,
          }),
        );
      });
      const answer = await world.send({ bearer, headers: BATCH, body: JSON.stringify(events) });
      if (answer.json.accepted !== BATCH_SIZE) throw new Error(answer.body);
    }
  }
}

/** One row per observation for the lane and one for the node's own line, as a history without intervals has them. */
async function appendEveryRow(pool: Pool): Promise<void> {
  await pool.query("DROP TABLE IF EXISTS append_every_row");
  await pool.query("CREATE TABLE append_every_row (LIKE trust_interval INCLUDING ALL)");
  await pool.query(
    `INSERT INTO append_every_row
     SELECT i.trust_domain_id, i.node_id, i.source_id, i.submod, v.observed_at, v.received_at, v.observed_at, NULL, i.state, i.reason,
       i.evidence_key, i.outcome, i.tier, i.vector, i.measurement_digest, i.policy_version, i.baseline_version, i.kid, i.event_hash, 1,
       i.first_at, i.last_at, i.roll, i.after_failure
     FROM verdict v JOIN trust_interval i ON i.trust_domain_id = v.trust_domain_id AND i.node_id = v.node_id AND i.recorded_to IS NULL
       AND i.valid_from <= v.observed_at AND (i.valid_to IS NULL OR i.valid_to > v.observed_at)
     ORDER BY v.observed_at`,
  );
}

/** Bytes of a table with its indexes, after the space of rows that nobody can see any more was given back. */
async function sizeOf(pool: Pool, table: string): Promise<number> {
  await pool.query(`VACUUM FULL ${table}`);
  const { rows } = await pool.query<{ bytes: string }>(
    "SELECT pg_total_relation_size($1::regclass) AS bytes",
    [table],
  );
  return Number(rows[0]?.bytes);
}
