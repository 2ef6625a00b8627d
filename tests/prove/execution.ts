/**
 * A11, second half: whatever is carried out is carried out once, and comes to its end, wherever a worker dies.
 *
 * Executions are given to a worker that dies at one of its boundaries (before or after any statement, transaction or
 * call of a connector), after which another one takes over; in some of them that one dies as well. The systems do a
 * second time what they are asked a second time, and count it. Each must end as the execution does in which nobody
 * dies: the same state, the same life, every effect once, none without its intention on the record.
 *
 * The full form takes every boundary of every case, and pairs of deaths drawn by the seed.
 *
 * Planted bug: a worker that begins again without looking.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDb } from "#db/client";
import { migrate } from "#db/migrate";
import type { RemediationAction } from "#lib/domain/remediation";
import { type Death, type Dying, dieAt } from "#tests/execution-deaths";
import { type FakeSystem, fakeSystem, useSystem } from "#tests/execution-world";
import { makeWorld, type World } from "#tests/world";
import { dropDurability, startPostgres } from "./postgres.ts";
import type { Proof, ProofOptions } from "./proof.ts";
import { intBetween, mulberry32, type Random } from "./random.ts";

/** `stride`: boundaries from one death to the next; `pairs`: of deaths, per case. */
const SIZES = { short: { stride: 9, pairs: 2 }, full: { stride: 1, pairs: 150 } };
type Size = (typeof SIZES)["short"];
const MAX_LINES = 5;

const cluster = () => fakeSystem();
const runner = () => fakeSystem("awx", { isolate: "release", release: null, rebuild: null });

type Case = {
  name: string;
  action: RemediationAction;
  params?: Record<string, boolean>;
  systems: () => FakeSystem[];
};
const CASES: readonly Case[] = [
  { name: "quarantine", action: "quarantine", systems: () => [cluster()] },
  {
    name: "quarantine, drained, by two systems",
    action: "quarantine",
    params: { drain: true },
    systems: () => [cluster(), runner()],
  },
  {
    name: "reprovision, drained",
    action: "reprovision",
    params: { drain: true },
    systems: () => [cluster(), runner()],
  },
  { name: "rollback", action: "rollback", systems: () => [cluster(), runner()] },
];

export const deathsMakeNoDifference: Proof = async (options) => {
  const { short, seed } = options;
  const dir = await mkdtemp(join(tmpdir(), "touchstone-prove-"));
  const postgres = await startPostgres(dir);
  await migrate(postgres.url);
  const pool = openDb(postgres.url, 4).$client;
  await dropDurability(pool);
  try {
    const world = await makeWorld(pool);
    for (const system of [cluster(), runner()]) await useSystem(world, system);
    const random = mulberry32(seed);
    const total = { cases: 0, failed: 0 };
    for (const one of CASES) {
      const { cases, failed } = await proveCase(
        world,
        one,
        short ? SIZES.short : SIZES.full,
        random,
        options,
      );
      total.cases += cases;
      total.failed += failed;
    }
    return total;
  } finally {
    await pool.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

async function proveCase(
  world: World,
  { name, action, params = {}, systems }: Case,
  { stride, pairs }: Size,
  random: Random,
  { planted, log }: ProofOptions,
): Promise<{ cases: number; failed: number }> {
  let cases = 0;
  const run = (diesAt: number | null, more: Dying = {}) => {
    cases += 1;
    return dieAt(world, diesAt, `${action} ${name} ${cases}`, {
      ...{ action, params, systems: systems(), blind: planted && diesAt !== null },
      ...more,
    });
  };
  const whole = await run(null);
  const wrong: string[] =
    whole.state === "succeeded" ? [] : [`${name}: without a death it is ${whole.state}`];
  const check = (where: string, death: Death) => {
    const said = difference(whole, death);
    if (said !== null) wrong.push(`${name}, ${where}: ${said}`);
  };
  for (let at = intBetween(random, 0, stride - 1); at < whole.points; at += stride)
    check(`death at ${at}`, await run(at));
  for (let pair = 0; pair < pairs; pair += 1) {
    const [first, second] = [
      intBetween(random, 0, whole.points - 1),
      intBetween(random, 0, whole.points - 1),
    ];
    check(`deaths at ${first} and ${second}`, await run(first, { thenAt: second }));
  }
  for (const line of wrong.slice(0, MAX_LINES)) log(line);
  log(`${name}: ${whole.points} boundaries, ${cases} executions, ${wrong.length} wrong`);
  return { cases, failed: wrong.length };
}

/** In words; `null` = as if nobody had died. */
function difference(whole: Death, death: Death): string | null {
  const twice = Object.entries(death.effects).filter(([verb, n]) => n > (whole.effects[verb] ?? 0));
  if (twice.length > 0) return `done more than once: ${twice.map(([verb, n]) => `${verb} ${n}`).join(", ")}`;
  const [expected, got] = [whole, death].map(({ state, life, effects, unannounced }) =>
    JSON.stringify({ state, life, unannounced, effects: Object.entries(effects).sort() }),
  );
  return expected === got ? null : `${got} instead of ${expected}`;
}
