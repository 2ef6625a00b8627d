/**
 * A41: drift that is followed step by step is what one look at everything gives.
 *
 * Random histories of measurements meet random rollouts, exceptions, maintenance windows and settings. All of
 * them become known in random order, most evidence late, while the worker assesses what is marked. At the end every
 * instant of every lane must hold what the evidence, the expectations and the allowances of that instant give
 * when they are looked at alone, without folds, marks or stitches.
 *
 * Planted bug: what comes late is compared from its arrival on.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import { type Db, openDb } from "#db/client";
import { migrate } from "#db/migrate";
import { driftMarkAll } from "#db/queries/drift-dirty";
import { inTransaction } from "#db/transaction";
import { assessDrift } from "#lib/jobs/assess-drift";
import { baselineAdder } from "#tests/baseline-world";
import { BATCH, cloudEvent, makeWorld, resetWorld, verdictDocument, type World } from "#tests/ingest-world";
import { driftAgrees } from "#tests/prove/drift-from-scratch";
import { type Happening, makeHistory, NOW, type Said, SPAN_MS, VERSIONS } from "#tests/prove/drift-history";
import { dropDurability, startPostgres } from "#tests/prove/postgres";
import { intBetween, mulberry32, type Random, shuffled } from "#tests/prove/random";
import type { Proof } from "./proof.ts";

const CASES = { short: 12, full: 400 };

export const driftIsOneLook: Proof = async ({ short, planted, seed, log }) => {
  const random = mulberry32(seed);
  const dir = await mkdtemp(join(tmpdir(), "touchstone-prove-"));
  const postgres = await startPostgres(dir);
  await migrate(postgres.url);
  const pool = openDb(postgres.url, 4).$client;
  await dropDurability(pool);
  if (planted) await pool.query(FORGET_THE_PAST);
  const cases = short ? CASES.short : CASES.full;
  let failed = 0;
  try {
    for (let run = 1; run <= cases; run += 1) {
      const { said, allowed } = makeHistory(random);
      const { instants, wrong } = await live(pool, random, said, allowed);
      if (instants === 0) throw new Error("nothing was compared");
      if (wrong > 0) failed += 1;
      if (run % 20 === 0 || wrong > 0)
        log(`history ${run}: ${said.length} statements, ${instants} instants compared, ${wrong} wrong`);
    }
    return { cases, failed };
  } finally {
    await pool.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

/** Everything becomes known in random order; then what is recorded is held against one look. */
async function live(
  pool: Pool,
  random: Random,
  said: readonly Said[],
  allowed: readonly Happening[],
): Promise<{ instants: number; wrong: number }> {
  await resetWorld(pool);
  const clock = { now: new Date(NOW) };
  const world = await makeWorld(pool, clock);
  const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
  const { id: sourceId, bearer } = await world.addSource({
    kind: "generic",
    name: "lab",
    staleAfterMs: null,
  });
  await pool.query("UPDATE source SET accept_past_ms = $1", [10 * SPAN_MS]);
  const baselineId = await baselineAdder({ db, home: world.trustDomainId })({
    name: "workers",
    versions: VERSIONS,
  });
  const domain: Domain = { pool, trustDomainId: world.trustDomainId, baselineId };
  const order = shuffled(random, [
    ...said.map((statement) => ({ statement })),
    ...allowed.map((happening) => ({ happening })),
  ]);
  for (const [index, known] of order.entries()) {
    clock.now = new Date(NOW + Math.floor((SPAN_MS * (index + 1)) / order.length));
    if ("statement" in known) await tell(world, bearer, known.statement);
    else await decide(domain, known.happening, clock.now);
    if (random() < 0.35) await assess(db, clock.now);
  }
  // Whatever begins or ends by itself has done so by then.
  clock.now = new Date(NOW + intBetween(random, 2, 3) * SPAN_MS);
  await assess(db, clock.now);
  return driftAgrees(pool, { ...domain, sourceId, said, nowMs: clock.now.getTime() });
}

type Domain = { pool: Pool; trustDomainId: string; baselineId: string };

async function tell(world: World, bearer: string, { node, submod, atMs, measurements }: Said): Promise<void> {
  const document = verdictDocument(node, atMs, "affirming", {
    submod,
    // A statement without measurements, so that each of them is another state.
    ...(measurements ? { measurements } : { policyIds: [`at ${atMs}`] }),
  });
  const body = JSON.stringify([cloudEvent("verdict", document)]);
  const answer = await world.send({ bearer, headers: BATCH, body });
  if (answer.status !== 202 || answer.json.rejected.length > 0) throw new Error(answer.body);
}

async function assess(db: Db, now: Date): Promise<void> {
  const signal = new AbortController().signal;
  while ((await assessDrift.run({ db, now: () => now }, signal)) === "more");
}

/** Write down what somebody decided, and mark the nodes from the instant on at which it counts. */
async function decide({ pool, trustDomainId, baselineId }: Domain, { fromMs, write }: Happening, now: Date) {
  await inTransaction(pool, async (client) => {
    const { text, values } = write({ trustDomainId, baselineId });
    await client.query(text, values);
    await driftMarkAll(client, trustDomainId, fromMs, now);
  });
}

/** Only in the proof's own database: a mark never reaches further back than the instant at which it is made. */
const FORGET_THE_PAST = `
  CREATE FUNCTION forget_the_past() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN NEW.from_at := greatest(NEW.from_at, NEW.due_at); RETURN NEW; END';
  CREATE TRIGGER forget_the_past BEFORE INSERT OR UPDATE ON drift_dirty FOR EACH ROW
    EXECUTE FUNCTION forget_the_past();`;
