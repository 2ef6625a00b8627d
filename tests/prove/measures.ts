/**
 * A31: the figures are right.
 *
 * Random histories with flaps, late evidence, distrusted keys and gaps go through the real change path; what people
 * and the product record besides is written as time goes, some of it dated back or taken back later. Every measure and
 * metric over random periods and nodes, and over the period before, is asked of the service and compared to the last unit with
 * a second implementation that reads nothing but what was sent and recorded. What was answered on the way must be
 * answered again, as known then.
 *
 * Planted bug: silence counts as a pass.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDb } from "#db/client";
import { migrate } from "#db/migrate";
import { resetWorld } from "#tests/ingest-world";
import { dropDurability, startPostgres } from "#tests/prove/postgres";
import { measureTrial } from "./measures/trial.ts";
import type { Proof } from "./proof.ts";

const HISTORIES = { short: 25, full: 1_000 };
/** Histories after which the database is emptied, so that the last ones are as fast as the first. */
const RESET_EVERY = 25;

export const figuresAreRight: Proof = async ({ short, planted, seed, log }) => {
  const dir = await mkdtemp(join(tmpdir(), "touchstone-prove-"));
  const postgres = await startPostgres(dir);
  await migrate(postgres.url);
  const pool = openDb(postgres.url, 4).$client;
  await dropDurability(pool);
  const histories = short ? HISTORIES.short : HISTORIES.full;
  let [questions, failed] = [0, 0];
  try {
    for (let history = 0; history < histories; history += 1) {
      if (history % RESET_EVERY === 0) {
        if (history > 0) log(`${history} histories, ${failed} with a wrong figure`);
        await resetWorld(pool);
      }
      const { asked, wrong } = await measureTrial(pool, { seed: seed * 1_000_000 + history, planted });
      questions += asked;
      if (wrong.length > 0) failed += 1;
      if (failed <= 3) for (const line of wrong.slice(0, 2)) log(line);
    }
    log(
      `${histories} histories, ${questions} sets of figures compared, ${failed} histories with a wrong one`,
    );
  } finally {
    await pool.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
  return { cases: histories, failed };
};
