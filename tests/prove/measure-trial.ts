/** One random history, and the figures of the product over it held against those of the oracle. */
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import type { Db } from "#db/client";
import { measureById } from "#lib/domain/measure/catalogue";
import { markStale } from "#lib/jobs/mark-stale";
import { rederiveNext } from "#lib/jobs/rederive";
import { measures } from "#lib/services/compliance/measures";
import type { ServiceContext } from "#lib/services/context";
import { addDomain, addKeyedSource, distrust, store } from "#tests/distrust-world";
import { type Figures, figuresOf, type OracleSource, type Sent } from "./measure-oracle.ts";
import { intBetween, mulberry32, pick, type Random } from "./random.ts";

const MINUTE = 60_000;
const START = Date.parse("2026-03-01T00:00:00Z");
const NODES = ["n1", "n2", "n3"];
const STEPS = 24;

type Source = Omit<OracleSource, "distrusted"> & {
  id: string;
  kids: string[];
  distrusted: { kid: string; sinceMs: number }[];
};
type Question = { from: string; to: string; knownAt?: string };
type Trial = {
  pool: Pool;
  ctx: ServiceContext;
  random: Random;
  clock: { now: Date };
  trustDomainId: string;
  sources: Source[];
  sent: Sent[];
};

/** @returns questions asked, and what was answered otherwise than the oracle has it, one line each */
export async function measureTrial(
  pool: Pool,
  { seed, planted }: { seed: number; planted: boolean },
): Promise<{ asked: number; wrong: string[] }> {
  const trial = await begin(pool, mulberry32(seed));
  const { random, clock } = trial;
  const wrong: string[] = [];
  const known: { question: Question; figures: Figures }[] = [];
  let asked = 0;
  const compare = (label: string, figures: Figures, answered: Figures) => {
    asked += 1;
    const [expected, got] = [JSON.stringify(figures), JSON.stringify(answered)];
    if (expected !== got) wrong.push(`seed ${seed}, ${label}: ${got} instead of ${expected}`);
  };
  for (let step = 0; step < STEPS; step += 1) {
    clock.now = new Date(clock.now.getTime() + intBetween(random, 1, step % 6 === 5 ? 1_500 : 90) * MINUTE);
    await receive(trial, step);
    if (step > 8 && random() < 0.08) await distrustKey(trial);
    if (random() < 0.12) {
      await runWorker(trial);
      // What the worker writes is dated a moment later than its clock when something else was recorded then.
      clock.now = new Date(clock.now.getTime() + 20);
      const question = ask(random, clock.now);
      const figures = await expected(trial, question);
      compare("then", figures, await answer(trial, question));
      known.push({ question: { ...question, knownAt: clock.now.toISOString() }, figures });
      clock.now = new Date(clock.now.getTime() + 980);
    }
  }
  clock.now = new Date(clock.now.getTime() + intBetween(random, 1, 3_000) * MINUTE);
  await runWorker(trial);
  if (planted) await pool.query("UPDATE trust_interval SET state = 'trusted' WHERE state = 'stale'");
  for (let n = 0; n < 3; n += 1) {
    const question = ask(random, clock.now);
    compare("at the end", await expected(trial, question), await answer(trial, question));
  }
  for (const { question, figures } of known) compare("as known then", figures, await answer(trial, question));
  return { asked, wrong };
}

async function begin(pool: Pool, random: Random): Promise<Trial> {
  const clock = { now: new Date(START) };
  const trustDomainId = await addDomain(pool, clock.now);
  const sources: Source[] = [];
  for (const [name, kids] of [
    ["lab", ["k1", "k2"]],
    ["second", ["k3", "k4"]],
  ] as const) {
    const limitMs = random() < 0.7 ? intBetween(random, 30, 300) * MINUTE : null;
    const id = await addKeyedSource(pool, trustDomainId, {
      name,
      staleAfterMs: limitMs,
      kids,
      now: clock.now,
    });
    sources.push({ id, name, limitMs, kids: [...kids], distrusted: [] });
  }
  const ctx: ServiceContext = {
    db: Object.assign(drizzle(pool), { $client: pool }) as Db,
    actor: { kind: "system", id: "prove", trustDomainIds: [trustDomainId] },
    requestId: "prove",
    address: null,
    now: () => clock.now,
  };
  return { pool, ctx, random, clock, trustDomainId, sources, sent: [] };
}

/** Verdicts of one source: flapping, some late by up to five hours, each at an instant of its own. */
async function receive(
  { ctx, random, clock, trustDomainId, sources, sent }: Trial,
  step: number,
): Promise<void> {
  const source = pick(random, sources);
  const trusted = source.kids.filter((kid) => !source.distrusted.some((rule) => rule.kid === kid));
  if (trusted.length === 0) return;
  const nowMs = clock.now.getTime();
  const batch = Array.from({ length: intBetween(random, 1, 4) }, (_, index) => {
    const late = random() < 0.3 ? intBetween(random, 5, 300) : 0;
    return {
      node: pick(random, NODES),
      says: pick(random, ["good", "good", "good", "warning", "bad", "bad", "unreachable"] as const),
      // Never where silence would set in between the worker and a question.
      atMs: nowMs - late * MINUTE - 30 - (step * 10 + index) * 2,
      kid: pick(random, trusted),
      serial: step * 10 + index,
    };
  });
  await store(ctx.db, { trustDomainId, id: source.id }, batch, clock.now);
  sent.push(...batch.map((said) => ({ ...said, source: source.name, receivedMs: nowMs })));
}

/** Take back what a key vouched for, and derive history anew to the end. */
async function distrustKey({ pool, random, clock, trustDomainId, sources }: Trial): Promise<void> {
  const source = pick(random, sources);
  const kid = pick(random, source.kids);
  if (source.distrusted.some((rule) => rule.kid === kid)) return;
  const sinceMs = intBetween(random, START, clock.now.getTime());
  clock.now = new Date(clock.now.getTime() + MINUTE);
  await distrust(pool, { trustDomainId, sourceId: source.id, kid }, new Date(sinceMs), clock.now);
  source.distrusted.push({ kid, sinceMs });
  while (await rederiveNext(pool, () => clock.now, 1));
}

async function runWorker({ ctx, clock }: Trial): Promise<void> {
  const { signal } = new AbortController();
  while ((await markStale.run({ db: ctx.db, now: () => clock.now }, signal)) === "more");
}

/** A period of any length that ends now or some time before. */
function ask(random: Random, now: Date): Question {
  const nowMs = now.getTime();
  const toMs = random() < 0.4 ? nowMs : nowMs - intBetween(random, 1, Math.max(1, nowMs - START - 1));
  return {
    from: new Date(toMs - intBetween(random, 1, 4_000) * MINUTE).toISOString(),
    to: new Date(toMs).toISOString(),
  };
}

async function expected({ pool, clock, trustDomainId, sources, sent }: Trial, { from, to }: Question) {
  const { rows } = await pool.query<{ display_name: string; first_seen_at: Date }>(
    "SELECT display_name, first_seen_at FROM node WHERE trust_domain_id = $1",
    [trustDomainId],
  );
  const firstMs = new Map(rows.map((row) => [row.display_name, row.first_seen_at.getTime()]));
  const period = { fromMs: Date.parse(from), toMs: Date.parse(to), nowMs: clock.now.getTime() };
  return figuresOf({ sent, sources, firstMs }, period);
}

async function answer({ ctx }: Trial, question: Question): Promise<Figures> {
  const chosen = ["M02", "M08", "M12", "M01", "evidence-age"].flatMap((id) => measureById(id) ?? []);
  const { items } = await measures(ctx, question, chosen);
  const totals = (id: string) => {
    const found = items.find((item) => item.id === id);
    if (!found) throw new Error(`no measure ${id}`);
    return found.totals;
  };
  const spreadOf = ({ n, p50, p90, p95 }: ReturnType<typeof totals>) => ({ n, p50, p90, p95 });
  const [time, detect, restore, coverage] = [totals("M02"), totals("M08"), totals("M12"), totals("M01")];
  return {
    time: { met: time.met, missed: time.missed, stale: time.stale, notCovered: time.notCovered },
    detect: { ...spreadOf(detect), notCovered: detect.notCovered },
    restore: { ...spreadOf(restore), open: restore.open, openOver: restore.openOver },
    coverage: { met: coverage.met, stale: coverage.stale, notCovered: coverage.notCovered },
    age: spreadOf(totals("evidence-age")),
  };
}
