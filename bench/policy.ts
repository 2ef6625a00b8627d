/**
 * B31: decisions of the built-in policy with nothing remembered, against the other CEL engine on the same rules.
 * B32: a backtest of one million stored states, against only reading them.
 *
 * Besides the ratios, the rate of B31 must be 100,000 a second and a run of B32 must end within 15 s.
 */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { celEnv, parse, plan } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import { Pool } from "pg";
import { startEmbedded } from "#db/embedded";
import { migrate } from "#db/migrate";
import { nodesAfter, storedStates } from "#db/queries/policy-work";
import { inTransaction } from "#db/transaction";
import type { PolicyFacts } from "#lib/domain/policy";
import { replayPolicy } from "#lib/ingest/policy-backtest";
import { BUILT_IN } from "#lib/policy/course";
import { evaluate } from "#lib/policy/evaluate";
import { seconds } from "./measure.ts";
import { type BenchResult, median, type Run, resultOf, runOf } from "./ratios.ts";

const LEAST_PER_SECOND = 100_000;
const LONGEST_SECONDS = 15;

/** A node with two lanes that affirm it: the usual one, for which five rules are asked. */
const FACTS: PolicyFacts = {
  node: { id: "n1", name: "n1", labels: {}, identities: {} },
  drift: [],
  lanes: ["cloud", "lab"].map((label) => ({
    ...{
      label,
      source: label,
      kind: "ear",
      submod: "",
      reason: "Verified good",
      says: `${label}: Verified good`,
    },
    ...{ state: "trusted", tier: "affirming", outcome: "verified_good", afterFailure: false, silent: false },
  })),
};

export async function benchPolicy(log: (line: string) => void): Promise<BenchResult> {
  const { bundle, version } = BUILT_IN;
  const environment = celEnv({ funcs: [...strings] });
  const other = bundle.rules.map(({ whenText, reasonText }) => ({
    when: plan(environment, parse(whenText)),
    reason: plan(environment, parse(reasonText)),
  }));
  const bindings = JSON.parse(JSON.stringify(FACTS));
  const decideBy = {
    ours: () => evaluate(bundle, version, FACTS).decision.reason,
    theirs: () => other.find(({ when }) => when(bindings) === true)?.reason(bindings),
  };
  if (decideBy.ours() !== decideBy.theirs()) throw new Error("the engines differ");
  // By the time of the processor: the promise is for a core, and a busy machine gives half of one.
  const perSecond = (times: number, decide: () => unknown) => {
    const before = process.cpuUsage();
    for (let index = 0; index < times; index += 1) decide();
    const { user, system } = process.cpuUsage(before);
    return times / ((user + system) / 1e6);
  };
  const runs: Run[] = [];
  for (let run = 0; run <= 9; run += 1) {
    const candidate = perSecond(200_000, decideBy.ours);
    const baseline = perSecond(5_000, decideBy.theirs);
    // The first run warms the compiler and does not count.
    if (run === 0) continue;
    runs.push(runOf(candidate, baseline));
    log(
      `run ${run}: ${Math.round(candidate)} decisions per second of a core, the other engine ${Math.round(baseline)}/s`,
    );
  }
  const usual = median(runs.map(({ candidate }) => candidate));
  if (usual < LEAST_PER_SECOND) throw new Error(`${Math.round(usual)}/s is less than ${LEAST_PER_SECOND}/s`);
  return resultOf({ floor: 3 }, runs);
}

const NODES = 50_000;
const STATES = 20;
const BATCH = 1000;
const START = new Date("2026-01-01T00:00:00Z");
const END = new Date("2026-01-31T00:00:00Z");

export async function benchBacktest(log: (line: string) => void): Promise<BenchResult> {
  const dir = await mkdtemp(join(tmpdir(), "touchstone-bench-"));
  const postgres = await startEmbedded({ dataDir: dir, log: () => {} });
  await migrate(postgres.url);
  const pool = new Pool({ connectionString: postgres.url, max: 1 });
  const runs: Run[] = [];
  try {
    const trustDomainId = await seed(pool);
    const proposal = { policy: BUILT_IN, selector: "", percent: 100 };
    const { signal } = new AbortController();
    for (let run = 0; run <= 5; run += 1) {
      const read = await seconds(() => readAll(pool, trustDomainId));
      let states = 0;
      const before = process.cpuUsage();
      const replayed = await seconds(async () => {
        const result = await replayPolicy(
          pool,
          trustDomainId,
          proposal,
          { from: START, to: END },
          () => {},
          signal,
        );
        states = result?.states ?? 0;
      });
      if (states !== NODES * STATES) throw new Error(`${states} states were replayed`);
      // The first run warms plans and caches and does not count.
      if (run === 0) continue;
      runs.push(runOf(replayed, read));
      const { user, system } = process.cpuUsage(before);
      const own = ((user + system) / 1e6).toFixed(1);
      log(
        `run ${run}: ${states} states replayed in ${replayed.toFixed(1)} s (${own} s of it on the processor, the database's aside), read in ${read.toFixed(1)} s`,
      );
    }
  } finally {
    await pool.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
  const usual = median(runs.map(({ candidate }) => candidate));
  if (usual > LONGEST_SECONDS) throw new Error(`${usual.toFixed(1)} s is longer than ${LONGEST_SECONDS} s`);
  return resultOf({ ceiling: 4 }, runs);
}

async function readAll(pool: Pool, trustDomainId: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    for (let after: string | null = null; ; ) {
      const ids: string[] = await nodesAfter(client, trustDomainId, after, BATCH);
      after = ids.at(-1) ?? null;
      if (after === null) return;
      await storedStates(client, trustDomainId, ids, START);
    }
  });
}

/** Nodes whose one lane changes every 36 hours: trusted, degraded, silent, failed in turn. */
async function seed(pool: Pool): Promise<string> {
  const [trustDomainId, sourceId] = [randomUUID(), randomUUID()];
  await pool.query("INSERT INTO trust_domain (id, name, created_at) VALUES ($1, 'bench', $2)", [
    trustDomainId,
    START,
  ]);
  await pool.query(
    `INSERT INTO source (trust_domain_id, id, kind, name, accept_past_ms, accept_future_ms, created_at)
     VALUES ($1, $2, 'ear', 'lab', 3600000, 300000, $3)`,
    [trustDomainId, sourceId, START],
  );
  await pool.query(
    `INSERT INTO node (trust_domain_id, id, display_name, first_seen_at, created_at)
     SELECT $1, gen_random_uuid(), 'node-' || n, $2, $2 FROM generate_series(1, $3) AS n`,
    [trustDomainId, START, NODES],
  );
  const from = "$3::timestamptz + s * interval '36 hours'";
  await pool.query(
    `INSERT INTO trust_interval (trust_domain_id, node_id, source_id, submod, valid_from, recorded_from, valid_to,
       state, reason, evidence_key, outcome, tier, vector, event_hash, n, roll, after_failure)
     SELECT $1, id, $2, '', ${from}, ${from},
       CASE WHEN s < ${STATES - 1} THEN ${from} + interval '36 hours' END,
       (ARRAY['trusted', 'degraded', 'stale', 'failed'])[1 + (s + hashtext(id::text) % 7 + 7) % 4],
       'Reason ' || s % 5, 'k', 'verified_good', 'affirming', '{0,0,2,0,0,0,0,0}', 'h', 10, 'r', false
     FROM node CROSS JOIN generate_series(0, ${STATES - 1}) AS s WHERE trust_domain_id = $1`,
    [trustDomainId, sourceId, START],
  );
  await pool.query("VACUUM ANALYZE trust_interval");
  return trustDomainId;
}
