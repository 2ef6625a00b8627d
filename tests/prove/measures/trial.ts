/** One random history, and every figure of the product over it held against the second implementation. */
import { randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import type { Db } from "#db/client";
import { markStale } from "#lib/jobs/mark-stale";
import { rederiveNext } from "#lib/jobs/rederive";
import { measures } from "#lib/services/compliance/measures";
import type { ServiceContext } from "#lib/services/context";
import { addDomain, addKeyedSource, distrust, store } from "#tests/distrust-world";
import { intBetween, mulberry32, pick, type Random } from "../random.ts";
import type { OracleSource, Sent } from "./course.ts";
import { type Figures, figuresOf } from "./figures.ts";
import { DAY, MINUTE, type Moment, type Place } from "./moments.ts";
import { NODES, SOURCES } from "./node-stories.ts";
import { nothingRecorded } from "./recorded.ts";
import { momentsOf } from "./stories.ts";

const START = Date.parse("2026-03-01T00:00:00Z");
const STEPS = 24;
/** Every other node is of this role, so that some questions leave nodes out. */
const ROLES = ["gpu", "cpu"] as const;

type Source = Omit<OracleSource, "distrusted"> & {
  id: string;
  kids: string[];
  distrusted: { kid: string; sinceMs: number }[];
};
type Question = { from: string; to: string; q: string; knownAt?: string };
type Trial = {
  ctx: ServiceContext;
  random: Random;
  clock: { now: Date };
  place: Place & { nodes: Map<string, string> };
  sources: Source[];
  sent: Sent[];
  /** What is still to happen, in its order. */
  moments: Moment[];
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
    for (const id of new Set([...Object.keys(figures), ...Object.keys(answered)])) {
      const difference = differenceOf(figures[id], answered[id]);
      if (difference) wrong.push(`seed ${seed}, ${label}, ${id}: ${difference}`);
    }
  };
  for (let step = 0; step < STEPS; step += 1) {
    clock.now = new Date(clock.now.getTime() + intBetween(random, 1, step % 6 === 5 ? 1_500 : 90) * MINUTE);
    await liveOn(trial);
    await receive(trial, step);
    if (step > 8 && random() < 0.08) await distrustKey(trial);
    // Early ones more often: what is known of the first hours changes most.
    if (random() < (step < 8 ? 0.25 : 0.08)) {
      await runWorker(trial);
      // What the worker writes is dated a moment later than its clock when something else was recorded then.
      clock.now = new Date(clock.now.getTime() + 20);
      await liveOn(trial);
      const question = ask(random, clock.now);
      const figures = expected(trial, question);
      compare("then", figures, await answer(trial, question));
      known.push({ question: { ...question, knownAt: clock.now.toISOString() }, figures });
      clock.now = new Date(clock.now.getTime() + 980);
    }
  }
  clock.now = new Date(clock.now.getTime() + intBetween(random, 1, 3_000) * MINUTE);
  await liveOn(trial);
  await runWorker(trial);
  if (planted) await pool.query("UPDATE trust_interval SET state = 'trusted' WHERE state = 'stale'");
  for (let n = 0; n < 3; n += 1) {
    const question = ask(random, clock.now);
    compare("at the end", expected(trial, question), await answer(trial, question));
  }
  for (const { question, figures } of known) compare("as known then", figures, await answer(trial, question));
  return { asked, wrong };
}

async function begin(pool: Pool, random: Random): Promise<Trial> {
  const clock = { now: new Date(START) };
  const trustDomainId = await addDomain(pool, clock.now);
  const recorded = nothingRecorded();
  const sources: Source[] = [];
  for (const [index, name] of SOURCES.entries()) {
    const kids = [`k${2 * index + 1}`, `k${2 * index + 2}`];
    const limitMs = random() < 0.7 ? intBetween(random, 30, 300) * MINUTE : null;
    const source = { name, staleAfterMs: limitMs, kids, now: clock.now };
    const id = await addKeyedSource(pool, trustDomainId, source);
    await pool.query("UPDATE source SET authoritative_for = '{provisioning}' WHERE id = $1", [id]);
    sources.push({ id, name, createdMs: START, limitMs, kids, distrusted: [] });
    for (const kid of kids)
      recorded.keys.push({ kid, createdMs: START, retiredMs: null, distrustedMs: null });
  }
  const ctx: ServiceContext = {
    db: Object.assign(drizzle(pool), { $client: pool }) as Db,
    actor: { kind: "system", id: "prove", trustDomainIds: [trustDomainId] },
    requestId: "prove",
    address: null,
    now: () => clock.now,
  };
  const place = {
    pool,
    trustDomainId,
    ...(await addPeopleAndBaseline(pool, trustDomainId, clock.now)),
    sources: new Map(sources.map(({ name, id }) => [name, id])),
    nodes: new Map<string, string>(),
    recorded,
  };
  return { ctx, random, clock, place, sources, sent: [], moments: momentsOf(random, START) };
}

async function addPeopleAndBaseline(pool: Pool, trustDomainId: string, now: Date) {
  const userIds = [randomUUID(), randomUUID()] as const;
  const baselineId = randomUUID();
  for (const id of userIds) {
    await pool.query(
      `INSERT INTO app_user (id, email, password_hash, must_change_password, created_at)
       VALUES ($1, $2, 'none', false, $3)`,
      [id, `${id}@example.org`, now],
    );
  }
  await pool.query(
    `INSERT INTO baseline (trust_domain_id, id, name, description, selector, created_at)
     VALUES ($1, $2, 'prove', '', '', $3)`,
    [trustDomainId, baselineId, now],
  );
  return { userIds, baselineId };
}

/** Let everything happen that is due by now. */
async function liveOn({ clock, place, moments }: Trial): Promise<void> {
  const nowMs = clock.now.getTime();
  const due = moments.findIndex(({ atMs }) => atMs > nowMs);
  for (const { happen } of moments.splice(0, due === -1 ? moments.length : due)) await happen(place);
}

/** What the verdicts of these tests state about executables; of files and hardware they state anything. */
const STATED = { good: 2, warning: 32, bad: 96, unreachable: 0 } as const;
const ANYTHING = [0, 0, 1, 2, 3, 31, -2, -32, -33, 32, 96] as const;

/** Verdicts of one source: flapping, some late by up to five hours, each at an instant of its own. */
async function receive({ ctx, random, clock, place, sources, sent }: Trial, step: number): Promise<void> {
  const source = pick(random, sources);
  const trusted = source.kids.filter((kid) => !source.distrusted.some((rule) => rule.kid === kid));
  if (trusted.length === 0) return;
  const nowMs = clock.now.getTime();
  const batch = Array.from({ length: intBetween(random, 1, 4) }, (_, index) => {
    const late = random() < 0.3 ? intBetween(random, 5, 300) : 0;
    const says = pick(random, ["good", "good", "good", "warning", "bad", "bad", "unreachable"] as const);
    const [files, hardware] =
      says === "unreachable" ? [0, 0] : [pick(random, ANYTHING), pick(random, ANYTHING)];
    return {
      node: pick(random, NODES),
      says,
      vector: [0, 0, STATED[says], files, hardware, 0, 0, 0] as const,
      // Never where silence would set in between the worker and a question.
      atMs: nowMs - late * MINUTE - 30 - (step * 10 + index) * 2,
      kid: pick(random, trusted),
      serial: step * 10 + index,
    };
  });
  await store(ctx.db, { trustDomainId: place.trustDomainId, id: source.id }, batch, clock.now);
  sent.push(...batch.map((said) => ({ ...said, source: source.name, receivedMs: nowMs })));
  await labelNodes(place);
}

const roleOf = (node: string): (typeof ROLES)[number] => ROLES[Number(node.slice(1)) % 2] ?? ROLES[0];

/** Come to know nodes that are new, and say of which role they are. */
async function labelNodes({ pool, trustDomainId, nodes }: Trial["place"]): Promise<void> {
  const { rows } = await pool.query<{ id: string; name: string }>(
    "SELECT id, display_name AS name FROM node WHERE trust_domain_id = $1",
    [trustDomainId],
  );
  for (const { id, name } of rows) {
    if (nodes.has(name)) continue;
    nodes.set(name, id);
    await pool.query("UPDATE node SET labels = $1 WHERE id = $2", [{ role: roleOf(name) }, id]);
  }
}

/** Take back what a key vouched for, and derive history anew to the end. */
async function distrustKey({ random, clock, place, sources }: Trial): Promise<void> {
  const { pool, trustDomainId, recorded } = place;
  const source = pick(random, sources);
  const kid = pick(random, source.kids);
  if (source.distrusted.some((rule) => rule.kid === kid)) return;
  const sinceMs = intBetween(random, START, clock.now.getTime());
  clock.now = new Date(clock.now.getTime() + MINUTE);
  await distrust(pool, { trustDomainId, sourceId: source.id, kid }, new Date(sinceMs), clock.now);
  source.distrusted.push({ kid, sinceMs });
  for (const key of recorded.keys) if (key.kid === kid) key.distrustedMs = clock.now.getTime();
  while (await rederiveNext(pool, () => clock.now, 1));
}

async function runWorker({ ctx, clock }: Trial): Promise<void> {
  const { signal } = new AbortController();
  while ((await markStale.run({ db: ctx.db, now: () => clock.now }, signal)) === "more");
}

/** A period of any length that ends now or some time before, over all nodes or those of one role. */
function ask(random: Random, now: Date): Question {
  const nowMs = now.getTime();
  const toMs = random() < 0.4 ? nowMs : nowMs - intBetween(random, 1, Math.max(1, nowMs - START - 1));
  const longest = random() < 0.2 ? 100 * DAY : 4_000 * MINUTE;
  return {
    from: new Date(toMs - intBetween(random, 1, longest / MINUTE) * MINUTE).toISOString(),
    to: new Date(toMs).toISOString(),
    q: random() < 0.3 ? `label:role=${pick(random, ROLES)}` : "",
  };
}

function expected({ clock, place, sources, sent }: Trial, { from, to, q }: Question): Figures {
  const firstMs = new Map<string, number>();
  for (const { node, atMs } of sent) firstMs.set(node, Math.min(atMs, firstMs.get(node) ?? atMs));
  const nodes = [...firstMs.keys()].filter((node) => q === "" || q === `label:role=${roleOf(node)}`);
  const period = { fromMs: Date.parse(from), toMs: Date.parse(to), nowMs: clock.now.getTime() };
  return figuresOf({ world: { sent, sources, firstMs }, recorded: place.recorded, nodes, period });
}

/** What the product answers about every measure that it can compute. */
async function answer({ ctx }: Trial, question: Question): Promise<Figures> {
  const { items } = await measures(ctx, question);
  return Object.fromEntries(
    items.flatMap(({ id, kind, result, totals, previous }) => {
      if (kind === "unavailable") return [];
      if (!previous) throw new Error(`${id} has no period before`);
      return [[id, { result, totals, previous }]];
    }),
  );
}

/** In which parts a figure was answered otherwise; `null` = in none. */
function differenceOf(
  figure: Figures[string] | undefined,
  answered: Figures[string] | undefined,
): string | null {
  if (!figure || !answered) return figure ? "nothing was answered" : "there is no second implementation";
  const parts = (["totals", "previous"] as const).flatMap((period) => {
    const got: Readonly<Record<string, unknown>> = answered[period];
    return Object.entries(figure[period]).flatMap(([name, value]) =>
      got[name] === value ? [] : `${period}.${name} is ${got[name]} instead of ${value}`,
    );
  });
  if (answered.result !== figure.result) parts.push(`${answered.result} instead of ${figure.result}`);
  return parts.length === 0 ? null : parts.join(", ");
}
