import { drizzle } from "drizzle-orm/node-postgres";
import { beforeEach, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import { BATCH, type Clock, cloudEvent, makeWorld, resetWorld, type World } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { stateDigest } from "#tests/state-digest";
import { markStale } from "./mark-stale.ts";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const signal = new AbortController().signal;

let clock: Clock;
let world: World;
let lab: { id: string; bearer: string };

beforeEach(async () => {
  await resetWorld(pool);
  clock = { now: new Date(NOW) };
  world = await makeWorld(pool, clock);
  lab = await world.addSource({
    kind: "generic",
    name: "lab",
    staleAfterMs: 30 * MINUTE,
    scopes: ["ingest:write", "ingest:backfill"],
  });
});

async function send(atMs: number, status: string, path = "/api/v1/events") {
  const data = {
    schema: "touchstone.verdict/1",
    node: { id: "n1" },
    observedAt: new Date(atMs).toISOString(),
    status,
  };
  const response = await world.send({
    bearer: lab.bearer,
    path,
    headers: BATCH,
    body: JSON.stringify([cloudEvent("verdict", data)]),
  });
  expect(response.json.accepted).toBe(1);
}

const run = () => markStale.run({ db, now: () => clock.now }, signal);
const status = async () => (await pool.query("SELECT status, since, reason FROM node_state")).rows[0];

describe("mark-stale", () => {
  it("makes a silent node stale from the moment its evidence ran out, not from the run on", async () => {
    await send(NOW, "affirming");
    clock.now = new Date(NOW + 95 * MINUTE);
    await run();
    expect(await status()).toMatchObject({ status: "stale", since: new Date(NOW + 30 * MINUTE) });
  });

  it("leaves a node alone that is within its limit", async () => {
    await send(NOW, "affirming");
    clock.now = new Date(NOW + 30 * MINUTE);
    const before = await stateDigest(pool);
    await run();
    expect(await stateDigest(pool)).toBe(before);
  });

  it("never lets silence improve a failed node", async () => {
    await send(NOW, "contraindicated");
    clock.now = new Date(NOW + 95 * MINUTE);
    await run();
    expect(await status()).toMatchObject({
      status: "failed",
      since: new Date(NOW),
      reason: expect.stringMatching(/silent/i),
    });
  });

  it("gives the same history whether it ran before or after the late verdict arrived", async () => {
    await send(NOW - 60 * MINUTE, "affirming");
    await run();
    expect(await status()).toMatchObject({ status: "stale" });
    await send(NOW - 40 * MINUTE, "affirming");
    await send(NOW - 20 * MINUTE, "affirming");
    await run();
    const withRuns = await stateDigest(pool);

    await resetWorld(pool);
    world = await makeWorld(pool, clock);
    lab = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: 30 * MINUTE });
    await send(NOW - 20 * MINUTE, "affirming");
    await send(NOW - 60 * MINUTE, "affirming");
    await send(NOW - 40 * MINUTE, "affirming");
    await run();
    expect(await stateDigest(pool)).toBe(withRuns);
  });

  it("judges no silence while history is being imported", async () => {
    await send(NOW - 10_000 * MINUTE, "affirming", "/api/v1/events?backfill=true");
    await run();
    expect(await status()).toMatchObject({ status: "trusted" });
    clock.now = new Date(NOW + 2 * MINUTE);
    await run();
    expect(await status()).toMatchObject({ status: "stale" });
  });

  it("does nothing the second time", async () => {
    await send(NOW, "affirming");
    clock.now = new Date(NOW + 95 * MINUTE);
    await run();
    const after = (await pool.query("SELECT count(*)::int AS n, max(recorded_from) AS r FROM trust_interval"))
      .rows;
    await run();
    expect(
      (await pool.query("SELECT count(*)::int AS n, max(recorded_from) AS r FROM trust_interval")).rows,
    ).toEqual(after);
  });
});
