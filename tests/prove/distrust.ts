/**
 * A16: a compromised key takes back what it vouched for.
 *
 * Random histories of three nodes at two sources, with two keys that speak in one lane, late and
 * backdated verdicts, silence, and decisions that distrust keys or move the instant. At the end, what
 * is believed must equal a fold from scratch of the verdicts that count, counters and hash chains
 * included; and every probe "what was believed about T at K", asked before a decision, must be answered
 * with the same rows after all of them.
 *
 * Planted bug: only the sender's own date is looked at.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDb } from "#db/client";
import { migrate } from "#db/migrate";
import { distrustTrial } from "./distrust-trial.ts";
import { startPostgres } from "./postgres.ts";
import type { Proof } from "./proof.ts";

/** Probes are asked per decision; a history has four of them on average. */
const SIZE = { short: { histories: 12, probes: 20 }, full: { histories: 400, probes: 10 } };

export const distrustReachesBack: Proof = async ({ short, planted, seed, log }) => {
  const { histories, probes } = short ? SIZE.short : SIZE.full;
  const dir = await mkdtemp(join(tmpdir(), "touchstone-prove-"));
  const postgres = await startPostgres(dir);
  const pool = openDb(postgres.url, 4).$client;
  pool.on("error", () => {});
  let failed = 0;
  try {
    await migrate(postgres.url);
    for (let history = 0; history < histories; history += 1) {
      const failures = await distrustTrial(pool, { seed: seed * 1_000_003 + history, probes, planted });
      if (failures.length > 0) failed += 1;
      for (const failure of failures.slice(0, 3)) log(`history ${history}: ${failure.slice(0, 2_000)}`);
      if (history % 50 === 49) log(`${history + 1} histories, ${failed} failed`);
    }
  } finally {
    await pool.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
  return { cases: histories, failed };
};
