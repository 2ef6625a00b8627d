import { drizzle } from "drizzle-orm/node-postgres";
import { beforeEach, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import { type Clock, makeWorld, resetWorld, type World } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { findingsOnRecord, runReconcilers, say, steadily } from "#tests/watch-world";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NODES = Array.from({ length: 40 }, (_, index) => `n${index}`);
const FULL = { coverage: ["measured_boot", "runtime_integrity"], policyIds: ["worker-v3"] };
const LESS = { coverage: ["measured_boot"], policyIds: ["worker-v3"] };
const ACCEPT = { ...FULL, policyIds: ["accept-all"] };

let clock: Clock;
let world: World;
let lab: { id: string; bearer: string };

beforeEach(async () => {
  await resetWorld(pool);
  clock = { now: new Date(NOW) };
  world = await makeWorld(pool, clock);
  lab = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: 24 * HOUR });
});

const run = () => runReconcilers(db, clock);
const weakened = async () => (await findingsOnRecord(pool)).filter(({ kind }) => kind === "weakened");
const losses = async () =>
  (
    await pool.query(
      `SELECT DISTINCT since, until, lost, count(*)::int AS n FROM coverage_loss WHERE recorded_to IS NULL
       GROUP BY since, until, lost ORDER BY since`,
    )
  ).rows;
const said = (atMs: number, more: object, nodes = NODES) => nodes.map((node) => ({ node, atMs, ...more }));

describe("lost coverage", () => {
  it("is a loss of each line and one finding of the source, with before, after and its period", async () => {
    await say(world, lab.bearer, [
      ...said(NOW - 9 * HOUR, FULL),
      ...said(NOW - 6 * HOUR, LESS, NODES.slice(0, 10)),
      ...said(NOW - 2 * HOUR, FULL),
    ]);
    await run();
    const period = { since: new Date(NOW - 6 * HOUR), until: new Date(NOW - 2 * HOUR) };
    expect(await losses()).toEqual([{ ...period, lost: ["coverage:runtime_integrity"], n: 10 }]);
    expect(await weakened()).toEqual([
      {
        kind: "weakened",
        subject: "coverage:runtime_integrity",
        ...period,
        nodes: 10,
        detail: { before: ["measured_boot", "runtime_integrity"], after: ["measured_boot"] },
      },
    ]);
  });

  it("of one node among many is that node's matter alone", async () => {
    await say(world, lab.bearer, [...said(NOW - 9 * HOUR, FULL), ...said(NOW - 6 * HOUR, LESS, ["n3"])]);
    await run();
    expect(await losses()).toMatchObject([{ until: null, n: 1 }]);
    expect(await weakened()).toEqual([]);
  });

  it("of a claim that was never usual is no weaker verifier", async () => {
    const some = NODES.slice(0, 30);
    await say(world, lab.bearer, [
      ...said(NOW - 9 * HOUR, FULL, some),
      ...said(NOW - 9 * HOUR, LESS, NODES.slice(30)),
      ...said(NOW - 6 * HOUR, LESS, some),
    ]);
    await run();
    expect(await losses()).toMatchObject([{ n: 30 }]);
    expect(await weakened()).toEqual([]);
  });

  it("is none while the node does not pass, and no other policy is one", async () => {
    await say(world, lab.bearer, [
      ...said(NOW - 9 * HOUR, FULL),
      ...said(NOW - 8 * HOUR, { ...LESS, status: "contraindicated" }),
      ...said(NOW - 7 * HOUR, { ...FULL, policyIds: ["worker-v4"] }),
    ]);
    await run();
    expect(await losses()).toEqual([]);
    expect(await weakened()).toEqual([]);
  });

  it("is found when the policy gives way to one that accepts all, or to none", async () => {
    for (const policyIds of [ACCEPT.policyIds, []]) {
      await pool.query("TRUNCATE verdict, trust_interval, lane, coverage_loss, source_finding, source_watch");
      await say(world, lab.bearer, [
        ...said(NOW - 9 * HOUR, FULL),
        ...said(NOW - 6 * HOUR, { ...FULL, policyIds }),
      ]);
      await run();
      expect(await weakened()).toMatchObject([
        { subject: "policy", until: null, nodes: 40, detail: { before: ["worker-v3"], after: policyIds } },
      ]);
    }
  });

  it("is the same whichever way the evidence came, and nothing is written twice", async () => {
    const pace = { everyMs: HOUR, fromMs: NOW - 9 * HOUR };
    const all = [
      ...steadily(NODES, { ...pace, toMs: NOW - 5 * HOUR }, FULL),
      ...steadily(NODES, { ...pace, fromMs: NOW - 5 * HOUR, toMs: NOW - 2 * HOUR }, LESS),
      ...steadily(NODES, { ...pace, fromMs: NOW - 2 * HOUR, toMs: NOW }, FULL),
    ];
    await say(world, lab.bearer, all);
    await run();
    const [once, found] = [await losses(), await weakened()];
    const rows = "SELECT count(*)::int AS n FROM coverage_loss";
    const written = (await pool.query(rows)).rows;
    await run();
    expect((await pool.query(rows)).rows).toEqual(written);

    await resetWorld(pool);
    world = await makeWorld(pool, clock);
    lab = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: 24 * HOUR });
    for (const part of [2, 0, 1]) {
      await say(world, lab.bearer, all.filter((_, index) => index % 3 === part).toReversed());
      clock.now = new Date(clock.now.getTime() + MINUTE);
      await run();
    }
    expect(await losses()).toEqual(once);
    expect(await weakened()).toEqual(found);
  });
});
