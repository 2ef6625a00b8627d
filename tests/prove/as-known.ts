/**
 * A3: what was known then never changes.
 *
 * A small fleet lives for days: verdicts and bootstrap events arrive in time, late by up to 30 days, twice,
 * forged; the worker marks silence. On the way, questions about a valid instant T by what was known at K
 * are asked of the services behind the read endpoints and their answers kept. At the end every question is
 * asked again: each must get the same answer, to the byte. No line may hold two recorded truths at once.
 *
 * Planted bug: corrections overwrite what they correct.
 */

import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import type { Db } from "#db/client";
import { openDb } from "#db/client";
import { migrate } from "#db/migrate";
import { ProblemError } from "#lib/domain/problems";
import { markStale } from "#lib/jobs/mark-stale";
import type { ServiceContext } from "#lib/services/context";
import { BATCH, type Clock, cloudEvent, makeWorld, verdictDocument } from "#tests/ingest-world";
import { dropDurability, startPostgres } from "#tests/prove/postgres";
import { ASK, type Probe } from "#tests/prove/questions";
import { intBetween, mulberry32, pick, type Random } from "#tests/prove/random";
import type { Proof } from "./proof.ts";

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const START = Date.parse("2026-03-01T00:00:00Z");
const PROBES = { short: 400, full: 10_000 };
const ROUNDS = { short: 60, full: 400 };
const NODES = 12;

export const knownThenStaysKnown: Proof = async ({ short, planted, seed, log }) => {
  const random = mulberry32(seed);
  const dir = await mkdtemp(join(tmpdir(), "touchstone-prove-"));
  const postgres = await startPostgres(dir);
  await migrate(postgres.url);
  const pool = openDb(postgres.url, 4).$client;
  await dropDurability(pool);
  const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
  const clock: Clock = { now: new Date(START) };
  try {
    const world = await makeWorld(pool, clock);
    const sources = [
      await world.addSource({ kind: "generic", name: "lab", staleAfterMs: 45 * MINUTE }),
      await world.addSource({ kind: "generic", name: "hall", staleAfterMs: null }),
    ];
    await pool.query("UPDATE source SET accept_past_ms = $1", [40 * DAY]);
    const ctx: ServiceContext = {
      db,
      actor: { kind: "system", id: "prove", trustDomainIds: [world.trustDomainId] },
      requestId: "prove",
      address: null,
      now: () => clock.now,
    };
    const asked: { probe: Probe; answer: string }[] = [];
    const [rounds, probes] = short ? [ROUNDS.short, PROBES.short] : [ROUNDS.full, PROBES.full];
    for (let round = 0; round < rounds; round += 1) {
      // Time moves before anything is asked: an instant is settled once it is over.
      clock.now = new Date(clock.now.getTime() + intBetween(random, 1, 40) * MINUTE);
      for (const { bearer } of sources) {
        const body = JSON.stringify(makeBatch(random, clock));
        const answer = await world.send({ bearer, headers: BATCH, body });
        if (answer.status !== 202) throw new Error(answer.body);
        if (random() < 0.2) await world.send({ bearer, headers: BATCH, body });
      }
      if (random() < 0.5) await runWorker(db, clock);
      const { rows } = await pool.query<{ id: string }>("SELECT id FROM node ORDER BY display_name");
      const due = Math.round((probes * (round + 1)) / rounds) - asked.length;
      for (let n = 0; n < due; n += 1) {
        const probe = makeProbe(
          random,
          clock,
          pick(random, rows).id,
          sources.map(({ id }) => id),
        );
        asked.push({ probe, answer: await ask(ctx, probe) });
      }
    }
    log(`${asked.length} questions asked over ${Math.round((clock.now.getTime() - START) / DAY)} days`);
    if (planted) await pool.query("DELETE FROM trust_interval WHERE recorded_to IS NOT NULL");
    clock.now = new Date(clock.now.getTime() + 3 * DAY);
    await runWorker(db, clock);
    let failed = 0;
    for (const { probe, answer } of asked) {
      if ((await ask(ctx, probe)) === answer) continue;
      failed += 1;
      if (failed <= 3) log(`changed: ${JSON.stringify(probe)}`);
    }
    const overlaps = await overlapCount(pool);
    log(`${failed} answers changed, ${overlaps} overlapping truths`);
    return { cases: asked.length, failed: failed + overlaps };
  } finally {
    await pool.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

/** Verdicts and bootstrap events as they may arrive at the clock's instant, some late by up to 30 days, some refused. */
function makeBatch(random: Random, clock: Clock): unknown[] {
  const nowMs = clock.now.getTime();
  return Array.from({ length: intBetween(random, 1, 10) }, () => {
    const late =
      random() < 0.25 ? intBetween(random, 1, 30 * 24) * 60 * MINUTE : intBetween(random, 0, 20) * MINUTE;
    const node = `n${intBetween(random, 1, NODES)}`;
    if (random() < 0.1) return { not: "an event" };
    if (random() < 0.15) {
      const named = random() < 0.5;
      return cloudEvent("bootstrap", {
        schema: "touchstone.bootstrap/1",
        type: named ? "node.ready" : "enrollment.failed",
        outcome: named ? "info" : "failure",
        occurredAt: new Date(nowMs - late).toISOString(),
        identities: named ? [{ kind: "custom", value: node }] : [{ kind: "hostname", value: node }],
      });
    }
    const tier = pick(random, ["affirming", "affirming", "affirming", "warning", "contraindicated"] as const);
    const measurements = { "kernel/release": pick(random, ["6.12", "6.13"]), "pcr/sha256/7": "7" };
    const submod = pick(random, ["", "", "gpu0"]);
    return cloudEvent("verdict", verdictDocument(node, nowMs - late, tier, { submod, measurements }));
  });
}

/** Half of the questions are about K itself, the rest about any time before. K is over: the clock has moved on. */
function makeProbe(random: Random, clock: Clock, nodeId: string, sourceIds: readonly string[]): Probe {
  const nowMs = clock.now.getTime();
  const knownMs = nowMs - 1 - Math.floor(random() ** 2 * Math.min(nowMs - START, 10 * DAY));
  const asOfMs = random() < 0.5 ? knownMs : knownMs - Math.floor(random() * 20 * DAY);
  return {
    question: pick(random, Object.keys(ASK)),
    nodeId,
    sourceId: pick(random, sourceIds),
    asOf: new Date(asOfMs).toISOString(),
    knownAt: new Date(knownMs).toISOString(),
  };
}

/** Digest of an answer; a refusal is an answer too. */
async function ask(ctx: ServiceContext, probe: Probe): Promise<string> {
  let answer: unknown;
  try {
    answer = await ASK[probe.question]?.(ctx, probe);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    answer = error.code;
  }
  return createHash("sha256").update(JSON.stringify(answer)).digest("hex");
}

async function runWorker(db: Db, clock: Clock): Promise<void> {
  const signal = new AbortController().signal;
  while ((await markStale.run({ db, now: () => clock.now }, signal)) === "more");
}

/** Pairs of rows of one line that claim the same instant, as known at the same instant. */
async function overlapCount(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM trust_interval a JOIN trust_interval b
       USING (trust_domain_id, node_id, source_id, submod)
     WHERE (a.valid_from, a.recorded_from) < (b.valid_from, b.recorded_from)
       AND tstzrange(a.valid_from, a.valid_to) && tstzrange(b.valid_from, b.valid_to)
       AND tstzrange(a.recorded_from, a.recorded_to) && tstzrange(b.recorded_from, b.recorded_to)`,
  );
  return rows[0]?.n ?? 0;
}
