/**
 * B21: deriving history anew after a key was distrusted, against reading the intervals that rested on it.
 *
 * Each run has a trust domain of its own: nodes with thirty days of history, ten statements each, all
 * vouched for by one key, and the node's own line beside them. Baseline: the worker's own queries read
 * all of these intervals, in the worker's batches. Candidate: the worker derives them anew, commits
 * included. The statement stays the same when the log is longer: lanes that end in the distrusted key are
 * cut without it. (A lane that the instant cuts in the middle of a statement is folded from the log.)
 */
import { createHash, randomUUID } from "node:crypto";
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
      const domain = await seed(pool, nodes);
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

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

type Domain = { trustDomainId: string; sourceId: string };

/** As the worker does, but for the writing. @returns how many intervals there were */
async function readAll(pool: Pool, { trustDomainId, sourceId }: Domain): Promise<number> {
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

async function decide(pool: Pool, { trustDomainId, sourceId }: Domain, nodes: number): Promise<void> {
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
async function verify(pool: Pool, { trustDomainId }: Domain, nodes: number): Promise<void> {
  const { rows } = await pool.query(
    "SELECT count(*)::int AS n FROM node_state WHERE trust_domain_id = $1 AND status = 'stale'",
    [trustDomainId],
  );
  if (rows[0].n !== nodes) throw new Error(`${rows[0].n} of ${nodes} nodes were derived anew`);
}

async function seed(pool: Pool, nodes: number): Promise<Domain> {
  const [trustDomainId, sourceId] = [randomUUID(), randomUUID()];
  const own = [trustDomainId, sourceId];
  await pool.query("INSERT INTO trust_domain (id, name, created_at) VALUES ($1, $2, $3)", [
    trustDomainId,
    trustDomainId,
    START,
  ]);
  await pool.query(
    `INSERT INTO source (trust_domain_id, id, kind, name, accept_past_ms, accept_future_ms, created_at)
     VALUES ($1, $2, 'ear', 'lab', 3600000, 300000, $3)`,
    [...own, START],
  );
  await pool.query(
    `INSERT INTO source_key (trust_domain_id, source_id, kid, alg, jwk, state, valid_from, created_at)
     VALUES ($1, $2, 'k', 'ES256', '{}', 'active', $3, $3)`,
    [...own, START],
  );
  await pool.query("CREATE TEMP TABLE IF NOT EXISTS fleet (id uuid)");
  await pool.query("TRUNCATE fleet");
  await pool.query("INSERT INTO fleet SELECT gen_random_uuid() FROM generate_series(1, $1)", [nodes]);
  await pool.query(
    "INSERT INTO node (trust_domain_id, id, display_name, first_seen_at, created_at) SELECT $1, id, id::text, $2, $2 FROM fleet",
    [trustDomainId, START],
  );
  await pool.query(
    `INSERT INTO node_state (trust_domain_id, node_id, status, since, reason, changed_at)
     SELECT $1, id, 'trusted', $2, 'Verified good', $2 FROM fleet`,
    [trustDomainId, START],
  );
  const digest = createHash("sha256").update("bench").digest();
  // Every third statement is a warning: the node's own line changes with its lane.
  const state = "CASE WHEN s % 3 = 1 THEN 'degraded' ELSE 'trusted' END";
  const columns = `trust_domain_id, node_id, source_id, submod, valid_from, recorded_from, valid_to, state, reason,
    evidence_key, outcome, tier, vector, kid, event_hash, n, first_at, last_at, roll, after_failure`;
  const from = "$2::timestamptz + s * interval '3 days'";
  const to = `CASE WHEN s < ${STATEMENTS - 1} THEN ${from} + interval '3 days' END`;
  await pool.query(
    `INSERT INTO trust_interval (${columns})
     SELECT $1, id, $3, '', ${from}, ${from}, ${to}, ${state}, 'Verified good: measured boot ' || s,
       sha256(($4::text || s)::bytea), 'verified_good', 'affirming', '{0,0,2,0,0,0,0,0}', 'k', $5, 72, ${from},
       ${from} + interval '71 hours', $5, false
     FROM fleet CROSS JOIN generate_series(0, ${STATEMENTS - 1}) AS s`,
    [trustDomainId, START, sourceId, "key", digest],
  );
  await pool.query(
    `INSERT INTO trust_interval (trust_domain_id, node_id, source_id, submod, valid_from, recorded_from, valid_to,
       state, reason, evidence_key, n, roll, after_failure)
     SELECT $1, id, '00000000-0000-0000-0000-000000000000', '', ${from}, ${from}, ${to}, ${state},
       'Verified good: measured boot ' || s, '', 0, '', false
     FROM fleet CROSS JOIN generate_series(0, ${STATEMENTS - 1}) AS s`,
    [trustDomainId, START],
  );
  await pool.query(
    `INSERT INTO lane (trust_domain_id, node_id, source_id, submod, state, evidence_key, since, first_at, last_at,
       opening_hash, n, roll, after_failure, statement, reason)
     SELECT $1, id, $3, '', 'trusted', sha256('key'), $2::timestamptz + interval '27 days', $2::timestamptz + interval '27 days',
       $2::timestamptz + interval '29 days 23 hours', $4, 72, $4, false,
       '{"outcome":"verified_good","tier":"affirming","vector":[0,0,2,0,0,0,0,0],"measurementDigest":null,"kid":"k"}', 'Verified good'
     FROM fleet`,
    [trustDomainId, START, sourceId, digest],
  );
  return { trustDomainId, sourceId };
}
