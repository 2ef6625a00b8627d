/** One random history with decisions about keys in it, held against a fold that never saw what does not count. */
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import type { Db } from "#db/client";
import { intervalList } from "#db/queries/interval";
import { between, chance } from "#lib/demo/random";
import { type DistrustRule, isDistrusted } from "#lib/domain/distrust";
import { foldLane, type LaneInterval } from "#lib/domain/history";
import { extendRoll } from "#lib/ingest/digest";
import { markStale } from "#lib/jobs/mark-stale";
import { rederiveNext } from "#lib/jobs/rederive";
import { defaultLine } from "#tests/default-line";
import {
  addDomain,
  addKeyedSource,
  distrust,
  SAYINGS,
  type Said,
  store,
  verdictFact,
} from "#tests/distrust-world";

const MINUTE = 60_000;
const START = Date.parse("2026-03-01T00:00:00Z");
const NODES = ["n1", "n2", "n3"];
const KIDS = ["k1", "k2"];
const STEPS = 40;

export type TrialOptions = {
  seed: number;
  /** Probes of what was believed, asked before the decisions and again at the end. */
  probes: number;
  /** Look away from when evidence came in: what was dated back is then believed. */
  planted: boolean;
};

type Received = Said & { receivedMs: number };
type Source = {
  id: string;
  name: string;
  staleAfterMs: number | null;
  said: Received[];
  rules: DistrustRule[];
};

/** @returns what went wrong, one line each */
export async function distrustTrial(pool: Pool, { seed, probes, planted }: TrialOptions): Promise<string[]> {
  const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
  const clock = { now: new Date(START) };
  const job = { db, now: () => clock.now };
  const signal = new AbortController().signal;
  const trustDomainId = await addDomain(pool, clock.now);
  const sources: Source[] = [];
  for (const [name, kids] of [
    ["lab", KIDS],
    ["second", ["k3"]],
  ] as const) {
    const staleAfterMs = chance(seed, "stale", name) < 0.5 ? 45 * MINUTE : null;
    const id = await addKeyedSource(pool, trustDomainId, { name, staleAfterMs, kids, now: clock.now });
    sources.push({ id, name, staleAfterMs, said: [], rules: [] });
  }
  const failures: string[] = [];
  const asked: { knownAt: Date; atMs: number; nodeId: string; answer: string }[] = [];

  for (let step = 0; step < STEPS; step += 1) {
    clock.now = new Date(clock.now.getTime() + between(1, 12, seed, "pause", step) * MINUTE);
    const what = chance(seed, "what", step);
    const source = sources[chance(seed, "source", step) < 0.7 ? 0 : 1] as Source;
    if (what < 0.72) await receive(db, source, { seed, step, nowMs: clock.now.getTime(), trustDomainId });
    else if (what < 0.85) await markStale.run(job, signal);
    else if (step > 8) {
      asked.push(...(await ask(db, { trustDomainId, now: clock.now, seed, step, count: probes })));
      const kid = source.name === "lab" ? (KIDS[between(0, 1, seed, "kid", step)] ?? "k1") : "k3";
      const sinceMs =
        START + between(0, Math.floor((clock.now.getTime() - START) / MINUTE), seed, "since", step) * MINUTE;
      clock.now = new Date(clock.now.getTime() + MINUTE);
      await distrust(pool, { trustDomainId, sourceId: source.id, kid }, new Date(sinceMs), clock.now);
      source.rules = [...source.rules.filter((rule) => rule.kid !== kid), { kid, sinceMs }];
      if (planted) await lookAway(pool, trustDomainId);
      // Now and then history goes on before all of it was derived anew.
      if (chance(seed, "wait", step) < 0.7) await finish(pool, () => clock.now);
    }
  }
  clock.now = new Date(clock.now.getTime() + MINUTE);
  await finish(pool, () => clock.now);
  await markStale.run(job, signal);
  failures.push(...(await compare(pool, trustDomainId, sources, clock.now.getTime())));
  for (const { knownAt, atMs, nodeId, answer } of asked) {
    const again = await believedAt(db, { trustDomainId, nodeId, atMs, knownAt, now: clock.now });
    if (again !== answer)
      failures.push(
        `seed ${seed}: at ${atMs} as known at ${knownAt.toISOString()}: ${answer} became ${again}`,
      );
  }
  return failures;
}

async function finish(pool: Pool, now: () => Date): Promise<void> {
  // One node at a time: each is a place where the process may have stopped and gone on.
  while (await rederiveNext(pool, now, 1));
}

async function lookAway(pool: Pool, trustDomainId: string): Promise<void> {
  await pool.query("UPDATE verdict SET received_at = observed_at WHERE trust_domain_id = $1", [
    trustDomainId,
  ]);
}

async function receive(
  db: Db,
  source: Source,
  { seed, step, nowMs, trustDomainId }: { seed: number; step: number; nowMs: number; trustDomainId: string },
): Promise<void> {
  const distrusted = new Set(source.rules.map(({ kid }) => kid));
  const batch = Array.from({ length: between(1, 5, seed, "size", step) }, (_, index): Received => {
    const part = [step, index] as const;
    const late =
      chance(seed, "late", ...part) < 0.25
        ? between(10, 300, seed, "by", ...part)
        : between(0, 2, seed, "lag", ...part);
    const kids = source.name === "lab" ? KIDS : ["k3"];
    return {
      node: NODES[between(0, NODES.length - 1, seed, "node", ...part)] ?? "n1",
      says:
        SAYINGS[chance(seed, "says", ...part) < 0.6 ? 0 : between(0, 3, seed, "which", ...part)] ?? "good",
      // On a grid of five minutes, so that verdicts of two keys meet at one instant.
      atMs: Math.floor((nowMs - late * MINUTE) / (5 * MINUTE)) * 5 * MINUTE,
      kid: kids[between(0, kids.length - 1, seed, "by", ...part)] ?? null,
      serial: step * 10 + index,
      receivedMs: nowMs,
    };
  });
  await store(db, { trustDomainId, id: source.id }, batch, new Date(nowMs)).catch((error: unknown) => {
    throw error;
  });
  source.said.push(...batch.filter(({ kid }) => kid === null || !distrusted.has(kid)));
}

type Probe = { trustDomainId: string; nodeId: string; atMs: number; knownAt: Date; now: Date };

async function believedAt(db: Db, { trustDomainId, nodeId, atMs, knownAt, now }: Probe): Promise<string> {
  const window = { nodeId, from: new Date(atMs), to: new Date(atMs + 1), knownAt, now };
  return JSON.stringify(await intervalList(db, [trustDomainId], window));
}

async function ask(
  db: Db,
  {
    trustDomainId,
    now,
    seed,
    step,
    count,
  }: { trustDomainId: string; now: Date; seed: number; step: number; count: number },
) {
  const { rows } = await db.$client.query<{ id: string }>(
    "SELECT id FROM node WHERE trust_domain_id = $1 ORDER BY display_name",
    [trustDomainId],
  );
  const answers = [];
  const span = now.getTime() - START;
  for (let index = 0; index < count && rows.length > 0; index += 1) {
    const nodeId = rows[between(0, rows.length - 1, seed, "probe", step, index)]?.id ?? "";
    const atMs = START + Math.floor(chance(seed, "T", step, index) * span);
    // Not before the newest decision's own instant is over, not after now.
    const knownAt = new Date(START + Math.floor(chance(seed, "K", step, index) * span));
    const answer = await believedAt(db, { trustDomainId, nodeId, atMs, knownAt, now });
    answers.push({ knownAt, atMs, nodeId, answer });
  }
  return answers;
}

/** What is believed, against a fold of what counts from the very first verdict on. */
async function compare(
  pool: Pool,
  trustDomainId: string,
  sources: readonly Source[],
  nowMs: number,
): Promise<string[]> {
  const failures: string[] = [];
  const { rows: nodes } = await pool.query<{ id: string; name: string; status: string }>(
    `SELECT n.id, n.display_name AS name, s.status FROM node n
     JOIN node_state s ON s.trust_domain_id = n.trust_domain_id AND s.node_id = n.id WHERE n.trust_domain_id = $1`,
    [trustDomainId],
  );
  for (const { id, name, status } of nodes) {
    const lanes = sources.flatMap((source) => {
      const intervals = expectedLane(source, name, nowMs);
      return intervals.length > 0 ? [{ label: source.name, sourceId: source.id, intervals }] : [];
    });
    const seenMs = Math.min(
      ...sources.flatMap(({ said }) => said.filter(({ node }) => node === name).map(({ atMs }) => atMs)),
    );
    const fused = defaultLine(
      lanes.map(({ label, intervals }) => ({ label, intervals })),
      seenMs,
    );
    const expected = [
      ...lanes.flatMap(({ sourceId, intervals }) => intervals.map((interval) => line(sourceId, interval))),
      ...fused.map((interval) => line("00000000-0000-0000-0000-000000000000", interval)),
    ].sort();
    const actual = await believedLines(pool, trustDomainId, id);
    if (JSON.stringify(actual) !== JSON.stringify(expected)) {
      const missing = expected.filter((entry) => !actual.includes(entry));
      const extra = actual.filter((entry) => !expected.includes(entry));
      failures.push(`node ${name}: missing ${JSON.stringify(missing)}, extra ${JSON.stringify(extra)}`);
    }
    if (status !== fused.at(-1)?.state)
      failures.push(`node ${name} is ${status}, not ${fused.at(-1)?.state}`);
  }
  return failures;
}

function expectedLane({ said, rules, staleAfterMs }: Source, node: string, nowMs: number): LaneInterval[] {
  const own = said.filter((entry) => entry.node === node);
  const [heard] = own.map(({ atMs }) => atMs).sort((a, b) => a - b);
  if (heard === undefined) return [];
  const counted = own
    .filter((entry) => !isDistrusted(entry, rules))
    .map((entry) => {
      const fact = verdictFact(entry);
      const { outcome, tier, vector } = fact.verdict;
      const statement = { outcome, tier, vector, measurementDigest: null, kid: entry.kid };
      return {
        atMs: entry.atMs,
        hash: fact.eventHash,
        state: fact.state,
        evidenceKey: fact.evidenceKey,
        reason: fact.reason,
        statement,
      };
    });
  const folded = foldLane(counted, staleAfterMs, nowMs, extendRoll);
  const [first] = folded;
  if (first && first.fromMs <= heard) return folded;
  const voided = {
    ...(first as LaneInterval),
    fromMs: heard,
    toMs: first?.fromMs ?? null,
    state: "stale" as const,
    afterFailure: false,
    // The built-in policy does not ask what a void stated.
    statement: { outcome: "pending", tier: "none", vector: [], measurementDigest: null, kid: null } as const,
  };
  return [
    { ...voided, evidenceKey: "", reason: "void", hash: null, n: 0, firstMs: null, lastMs: null, roll: "" },
    ...folded,
  ];
}

type Line = { fromMs: number; toMs: number | null; state: string; reason: string } & Partial<LaneInterval>;

const VOID = /No evidence that counts: key \S+ is distrusted/g;

function line(
  sourceId: string,
  { fromMs, toMs, state, reason, n = 0, lastMs = null, roll = "", afterFailure = false }: Line,
): string {
  return JSON.stringify([
    sourceId,
    fromMs,
    toMs,
    state,
    reason.replace(VOID, "void"),
    n,
    lastMs,
    roll,
    afterFailure,
  ]);
}

async function believedLines(pool: Pool, trustDomainId: string, nodeId: string): Promise<string[]> {
  const { rows } = await pool.query(
    `SELECT i.source_id, i.valid_from, i.valid_to, i.state, i.reason, i.after_failure,
       CASE WHEN i.valid_to IS NULL AND l.since = i.valid_from THEN l.n ELSE i.n END AS n,
       CASE WHEN i.valid_to IS NULL AND l.since = i.valid_from AND l.opening_hash IS NOT NULL THEN l.last_at ELSE i.last_at END AS last_at,
       encode(CASE WHEN i.valid_to IS NULL AND l.since = i.valid_from THEN l.roll ELSE i.roll END, 'hex') AS roll
     FROM trust_interval i
     LEFT JOIN lane l ON l.trust_domain_id = i.trust_domain_id AND l.node_id = i.node_id
       AND l.source_id = i.source_id AND l.submod = i.submod
     WHERE i.trust_domain_id = $1 AND i.node_id = $2 AND i.recorded_to IS NULL`,
    [trustDomainId, nodeId],
  );
  return rows
    .map((row) =>
      line(row.source_id, {
        fromMs: row.valid_from.getTime(),
        toMs: row.valid_to?.getTime() ?? null,
        state: row.state,
        reason: row.reason,
        n: Number(row.n),
        lastMs: row.last_at?.getTime() ?? null,
        roll: row.roll,
        afterFailure: row.after_failure,
      }),
    )
    .sort();
}
