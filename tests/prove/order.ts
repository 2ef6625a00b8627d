/**
 * A2: the order, the duplication and the batching of what arrives do not matter.
 *
 * The same events are sent in random orders, each one to five times, in random batches, while the clock
 * moves and the worker marks silence in between; so most of them arrive late, by up to 30 days. Every run
 * must leave one state, and that state must be what a fold of the stored log gives from scratch.
 *
 * Planted bug: a correction does not take back what it corrects.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import type { Db } from "#db/client";
import { openDb } from "#db/client";
import { migrate } from "#db/migrate";
import { markStale } from "#lib/jobs/mark-stale";
import { BATCH, type Clock, cloudEvent, makeWorld, resetWorld, verdictDocument } from "#tests/ingest-world";
import { foldedFromScratch } from "#tests/prove/from-scratch";
import { dropDurability, startPostgres } from "#tests/prove/postgres";
import { intBetween, mulberry32, pick, type Random, shuffled } from "#tests/prove/random";
import { stateDigest } from "#tests/state-digest";
import type { Proof } from "./proof.ts";

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const NOW = Date.parse("2026-03-31T12:00:00Z");
const STALE_AFTER_MS = 45 * MINUTE;
/** Arrivals of one run are spread over this; afterwards everybody has fallen silent or not alike. */
const ARRIVAL_MS = 6 * 60 * MINUTE;
/** How many permutations each set of events is sent in. */
const PER_SET = 20;
const PERMUTATIONS = { short: 40, full: 1_000 };
const MAX_COPIES = 5;

export const orderDoesNotMatter: Proof = async ({ short, planted, seed, log }) => {
  const random = mulberry32(seed);
  const dir = await mkdtemp(join(tmpdir(), "touchstone-prove-"));
  const postgres = await startPostgres(dir);
  await migrate(postgres.url);
  const pool = openDb(postgres.url, 4).$client;
  await dropDurability(pool);
  if (planted) await pool.query(LOSE_CORRECTIONS);
  const total = short ? PERMUTATIONS.short : PERMUTATIONS.full;
  let failed = 0;
  try {
    for (let set = 0; set * PER_SET < total; set += 1) {
      const events = makeEvents(random);
      let first: string | null = null;
      for (let run = 0; run < PER_SET; run += 1) {
        const agrees = await deliver(pool, events, run === 0 ? null : random);
        const digest = await stateDigest(pool);
        first ??= digest;
        if (!agrees || digest !== first) failed += 1;
      }
      log(`set ${set + 1}: ${events.length} events in ${PER_SET} permutations, ${failed} failed so far`);
    }
    return { cases: total, failed };
  } finally {
    await pool.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

/** A few nodes and lanes over 30 days, with repeats, flips, equal instants and long silences. */
function makeEvents(random: Random): object[] {
  return Array.from({ length: intBetween(random, 20, 60) }, () => {
    // Half of it within hours, where runs form; the rest anywhere in the month. Coarse steps make ties.
    const step =
      random() < 0.5 ? intBetween(random, 1, 40) * 10 * MINUTE : intBetween(random, 1, 60) * (DAY / 2);
    const tier = pick(random, ["affirming", "affirming", "affirming", "warning", "contraindicated"] as const);
    const node = pick(random, ["a", "b", "c"]);
    const submod = pick(random, ["", "gpu0"]);
    const measurements = { "kernel/release": pick(random, ["6.12", "6.13"]) };
    return cloudEvent("verdict", verdictDocument(node, NOW - step, tier, { submod, measurements }));
  });
}

/**
 * Send the events into an empty database.
 *
 * @param random `null` = once, in order of writing, in one batch
 * @returns whether what is recorded equals a fold from scratch
 */
async function deliver(pool: Pool, events: readonly object[], random: Random | null): Promise<boolean> {
  await resetWorld(pool);
  const clock: Clock = { now: new Date(NOW) };
  const world = await makeWorld(pool, clock);
  const { bearer } = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: STALE_AFTER_MS });
  await pool.query("UPDATE source SET accept_past_ms = $1", [40 * DAY]);
  const copies = random
    ? shuffled(
        random,
        events.flatMap((event) => Array.from({ length: intBetween(random, 1, MAX_COPIES) }, () => event)),
      )
    : [...events];
  for (let start = 0; start < copies.length; ) {
    const size = random ? intBetween(random, 1, 25) : copies.length;
    const body = JSON.stringify(copies.slice(start, start + size));
    const answer = await world.send({ bearer, headers: BATCH, body });
    if (answer.status !== 202 || answer.json.rejected.length > 0) throw new Error(answer.body);
    start += size;
    clock.now = new Date(NOW + Math.floor((ARRIVAL_MS * Math.min(start, copies.length)) / copies.length));
    if (random && random() < 0.2) await runWorker(pool, clock);
  }
  clock.now = new Date(NOW + ARRIVAL_MS);
  await runWorker(pool, clock);
  return foldedFromScratch(pool, {
    trustDomainId: world.trustDomainId,
    staleAfterMs: STALE_AFTER_MS,
    nowMs: clock.now.getTime(),
  });
}

async function runWorker(pool: Pool, clock: Clock): Promise<void> {
  const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
  const signal = new AbortController().signal;
  while ((await markStale.run({ db, now: () => clock.now }, signal)) === "more");
}

/** Only in the proof's own database: closing the recording of an interval that has ended does nothing. */
const LOSE_CORRECTIONS = `
  CREATE FUNCTION lose_correction() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
  CREATE TRIGGER lose_correction BEFORE UPDATE OF recorded_to ON trust_interval FOR EACH ROW
    WHEN (OLD.valid_to IS NOT NULL) EXECUTE FUNCTION lose_correction();`;
