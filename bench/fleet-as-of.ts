/**
 * B6: the fleet as of an instant, against `DISTINCT ON` over the verdict log with the same answer.
 *
 * 100,000 nodes are appraised 20 times in five-minute rounds; one in a hundred says something else than in the
 * round before, and some fall silent. Candidate: the query behind the cards of the overview. Baseline: the newest
 * verdict of each node up to the instant, straight from the log, with the same rule of silence. Both answers (nodes
 * by status) are compared in every run.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { openDb } from "#db/client";
import { startEmbedded } from "#db/embedded";
import { migrate } from "#db/migrate";
import { fleetByStatus } from "#db/queries/fleet";
import { rowsOf } from "#db/queries/sql";
import { DOMAIN, FLEET_START, type FleetSize, fillFleet, ROUND_MS, STALE_AFTER_MS } from "./fleet-data.ts";
import { seconds } from "./measure.ts";
import { type BenchResult, type Run, resultOf, runOf } from "./ratios.ts";

const RUNS = 9;
const SIZE: FleetSize = { nodes: 100_000, rounds: 20, flipEvery: 100, silentEvery: 200 };
const CEILING = 0.1;

export async function benchFleetAsOf(log: (line: string) => void): Promise<BenchResult> {
  const dir = await mkdtemp(join(tmpdir(), "touchstone-bench-"));
  const postgres = await startEmbedded({ dataDir: dir, log: () => {} });
  await migrate(postgres.url);
  const db = openDb(postgres.url, 1);
  const runs: (Run & { asOf: string })[] = [];
  try {
    await fillFleet(db, SIZE, log);
    const end = FLEET_START.getTime() + SIZE.rounds * ROUND_MS;
    const now = new Date(end + 60_000);
    for (let run = 0; run <= RUNS; run += 1) {
      // Another instant each time, anywhere in the second half of the history, never on a boundary.
      const asOf = new Date(end - 1_234 - Math.floor((run * SIZE.rounds * ROUND_MS) / (2 * RUNS + 2)));
      let [ours, theirs]: [object[], object[]] = [[], []];
      const candidate = await seconds(async () => {
        ours = await fleetByStatus(db, [DOMAIN], { asOf, knownAt: null, now });
      });
      const baseline = await seconds(async () => {
        theirs = await distinctOn(asOf);
      });
      const [a, b] = [ours, theirs].map(countsOf);
      if (a !== b) throw new Error(`the answers differ as of ${asOf.toISOString()}: ${a} and ${b}`);
      if (run === 0) continue;
      runs.push({ ...runOf(candidate, baseline), asOf: asOf.toISOString() });
      const ratio = (candidate / baseline).toFixed(3);
      log(`run ${run}: ${ms(candidate)} to ${ms(baseline)}, ratio ${ratio}, answer ${a}`);
    }
  } finally {
    await db.$client.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
  return resultOf({ ceiling: CEILING }, runs);

  async function distinctOn(asOf: Date): Promise<object[]> {
    return rowsOf(
      db,
      sql`SELECT CASE WHEN observed_at + ${STALE_AFTER_MS} * interval '1 millisecond' <= ${asOf.toISOString()}::timestamptz
            AND state <> 'failed' THEN 'stale' ELSE state END AS status, count(*)::int AS nodes
        FROM (
          SELECT DISTINCT ON (node_id) node_id, state, observed_at FROM verdict
          WHERE trust_domain_id = ${DOMAIN}::uuid AND observed_at <= ${asOf.toISOString()}::timestamptz
          ORDER BY node_id, observed_at DESC
        ) newest GROUP BY 1`,
    );
  }
}

/** An answer as one text, whatever the order of its rows. */
function countsOf(rows: readonly object[]): string {
  const pairs = (rows as { status: string; nodes: number }[]).map(
    ({ status, nodes }) => `${status} ${nodes}`,
  );
  return pairs.sort().join(", ");
}

const ms = (duration: number) => `${(duration * 1000).toFixed(0)} ms`;
