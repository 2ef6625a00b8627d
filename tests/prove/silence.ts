/**
 * A32: a node that is missing for more than twice its interval is stale, and no stale node is a pass.
 *
 * Nodes report at a steady pace until it is learnt, then in random patterns with gaps. At random
 * instants, before and after the worker ran, and afterwards for each bucket of the past, the fleet is
 * counted through the service and compared with the pattern itself.
 *
 * Planted bug: the source loses its limit, so that silence is not judged.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import type { Db } from "#db/client";
import { openDb } from "#db/client";
import { migrate } from "#db/migrate";
import { applyLimits } from "#lib/jobs/apply-limits";
import { markStale } from "#lib/jobs/mark-stale";
import { watchSources } from "#lib/jobs/watch-sources";
import { fleetSummary } from "#lib/services/fleet/summary";
import { sourceList } from "#lib/services/source/list";
import { setSilenceLimit } from "#lib/services/source/set-limit";
import { type Clock, makeWorld, resetWorld, type World } from "#tests/ingest-world";
import { startPostgres } from "#tests/prove/postgres";
import { mulberry32 } from "#tests/prove/random";
import { runReconcilers, type Saying, say, steadily } from "#tests/watch-world";
import type { Proof } from "./proof.ts";

const WORLDS = { short: 2, full: 20 };
const NODES = ["n0", "n1", "n2", "n3", "n4", "n5"];
const INTERVAL_MS = 10 * 60_000;
const STEADY = 18;
const BUCKETS = 40;
const START_MS = Date.parse("2026-03-01T00:00:00Z");
const STEADY_END_MS = START_MS + STEADY * INTERVAL_MS;
const END_MS = STEADY_END_MS + BUCKETS * INTERVAL_MS;

export const silenceIsSeen: Proof = async ({ short, planted, seed, log }) => {
  const random = mulberry32(seed);
  const dir = await mkdtemp(join(tmpdir(), "touchstone-prove-"));
  const postgres = await startPostgres(dir);
  await migrate(postgres.url);
  const pool = openDb(postgres.url, 6).$client;
  let cases = 0;
  let failed = 0;
  try {
    for (let round = 0; round < (short ? WORLDS.short : WORLDS.full); round += 1) {
      const result = await proveWorld(pool, random, planted);
      cases += result.cases;
      failed += result.failed;
      log(`world ${round + 1}: ${result.cases} counts compared, ${result.failed} wrong`);
    }
  } finally {
    await pool.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
  return { cases, failed };
};

async function proveWorld(pool: Pool, random: () => number, planted: boolean) {
  const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
  await resetWorld(pool);
  const clock: Clock = { now: new Date(STEADY_END_MS) };
  const world: World = await makeWorld(pool, clock);
  const source = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: 6 * INTERVAL_MS });
  const ctx = {
    db,
    actor: { kind: "system" as const, id: "prove", trustDomainIds: [world.trustDomainId] },
    requestId: "prove",
    address: null,
    now: () => clock.now,
  };
  await setSilenceLimit(ctx, { sourceId: source.id, limit: { mode: "learnt" } });
  const sayings: Saying[] = steadily(NODES, { fromMs: START_MS, toMs: STEADY_END_MS, everyMs: INTERVAL_MS });
  await say(world, source.bearer, sayings);
  await runReconcilers(db, clock);
  if (planted)
    await pool.query("UPDATE source SET stale_after_ms = NULL, limit_from_ms = NULL, limit_ms = NULL");

  let cases = 0;
  let failed = 0;
  const compare = async (atMs: number, asOf: boolean) => {
    const { counts } = await fleetSummary(ctx, asOf ? { asOf: new Date(atMs).toISOString() } : {});
    const expected = freshAt(sayings, atMs);
    cases += 1;
    if (counts.trusted !== expected || counts.stale !== NODES.length - expected) failed += 1;
  };
  const quiet = 0.1 + random() * 0.6;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const fromMs = STEADY_END_MS + bucket * INTERVAL_MS;
    // Every now and then nobody speaks at all, for some buckets.
    const allQuiet = Math.floor(bucket / 4) % 4 === 3 && random() < 0.8;
    const heard = NODES.filter(() => !allQuiet && random() > quiet).map((node, index) => ({
      node,
      atMs: fromMs + index * 1_000,
    }));
    clock.now = new Date(fromMs + 30_000);
    await say(world, source.bearer, heard);
    sayings.push(...heard);
    clock.now = new Date(fromMs + 60_000 + Math.floor(random() * (INTERVAL_MS - 60_000)));
    await compare(clock.now.getTime(), false);
    // The pace is learnt once; the pattern's own gaps must not move what is proved here.
    if (random() < 0.3) await runReconcilers(db, clock, JUDGES);
    await compare(clock.now.getTime(), false);
  }
  clock.now = new Date(END_MS + 10 * INTERVAL_MS);
  await runReconcilers(db, clock, JUDGES);
  await compare(clock.now.getTime(), false);
  for (let atMs = STEADY_END_MS; atMs < END_MS; atMs += INTERVAL_MS / 2) await compare(atMs, true);
  const [lab] = (await sourceList(ctx, [])).items;
  cases += 1;
  if (!lab?.silent || lab.findings[0]?.kind !== "silent") failed += 1;
  return { cases, failed };
}

/** Nodes whose newest statement is not older than twice the interval, by the pattern alone. */
function freshAt(sayings: readonly Saying[], atMs: number): number {
  return NODES.filter((node) =>
    sayings.some(
      (saying) => saying.node === node && saying.atMs <= atMs && atMs - saying.atMs < 2 * INTERVAL_MS,
    ),
  ).length;
}

/** The reconcilers that judge silence, without the one that learns. */
const JUDGES = [applyLimits, markStale, watchSources];
