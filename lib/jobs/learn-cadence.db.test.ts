import { drizzle } from "drizzle-orm/node-postgres";
import { beforeEach, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import { setSilenceLimit } from "#lib/services/source/set-limit";
import { type Clock, makeWorld, resetWorld, type World } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { stateDigest } from "#tests/state-digest";
import { runReconcilers, say, steadily } from "#tests/watch-world";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NODES = ["a", "b", "c"];

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
    staleAfterMs: 3 * HOUR,
    scopes: ["ingest:write", "ingest:backfill"],
  });
});

const run = () => runReconcilers(db, clock);
const source = async () => (await pool.query("SELECT * FROM source")).rows[0];
const epochs = async (which: "cadence" | "limit") => {
  const row = await source();
  return (row[`${which}_from_ms`] ?? []).map((from: string, index: number) => [
    Number(from),
    Number(row[`${which}_ms`][index]),
  ]);
};
const setLimit = (limit: Parameters<typeof setSilenceLimit>[1]["limit"]) =>
  setSilenceLimit(
    {
      db,
      actor: { kind: "system", id: "test", trustDomainIds: [world.trustDomainId] },
      requestId: "r",
      address: null,
      now: () => clock.now,
    },
    { sourceId: lab.id, limit },
  );
const gaps = async () =>
  (
    await pool.query(
      `SELECT count(*)::int AS n FROM trust_interval
       WHERE recorded_to IS NULL AND event_hash IS NULL AND source_id = $1`,
      [lab.id],
    )
  ).rows[0].n;

/** Ten-minute pace for half a day, then every minute. */
const faster = () => [
  ...steadily(NODES, { fromMs: NOW - 14 * HOUR, toMs: NOW - 2 * HOUR, everyMs: 10 * MINUTE }),
  ...steadily(NODES, { fromMs: NOW - 2 * HOUR, toMs: NOW, everyMs: MINUTE }),
];

describe("learn-cadence", () => {
  it("learns the pace at full hours, and a lasting change of it", async () => {
    await say(world, lab.bearer, faster());
    await run();
    expect(await epochs("cadence")).toEqual([
      [NOW - 13 * HOUR, 10 * MINUTE],
      [NOW - HOUR, MINUTE],
    ]);
  });

  it("learns the same whenever it runs and in whichever order the evidence came", async () => {
    await say(world, lab.bearer, faster());
    await run();
    const once = await epochs("cadence");

    await resetWorld(pool);
    clock.now = new Date(NOW - 14 * HOUR);
    world = await makeWorld(pool, clock);
    lab = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: 3 * HOUR });
    const late = faster().filter((_, index) => index % 4 === 0);
    const prompt = faster().filter((_, index) => index % 4 !== 0);
    for (let atMs = NOW - 13 * HOUR; atMs <= NOW - HOUR; atMs += 3 * HOUR) {
      clock.now = new Date(atMs);
      await say(
        world,
        lab.bearer,
        prompt.filter((saying) => saying.atMs < atMs && saying.atMs >= atMs - 3 * HOUR),
      );
      await run();
    }
    clock.now = new Date(NOW);
    await say(world, lab.bearer, [
      ...prompt.filter((saying) => saying.atMs >= NOW - HOUR),
      ...late.toReversed(),
    ]);
    await run();
    expect(await epochs("cadence")).toEqual(once);
  });

  it("leaves a source without a limit alone", async () => {
    await setLimit({ mode: "none" });
    await say(world, lab.bearer, faster());
    await run();
    expect(await source()).toMatchObject({ stale_after_ms: null, cadence_ms: null });
  });
});

describe("a learnt limit", () => {
  const learnt = { mode: "learnt", factor: 2, floorMs: 30_000, capMs: 6 * HOUR } as const;

  it("follows the cadence, each stretch of history by the limit of its time", async () => {
    await setLimit(learnt);
    await say(world, lab.bearer, faster());
    await run();
    expect(await epochs("limit")).toEqual([
      [0, 3 * HOUR],
      [NOW - 13 * HOUR, 20 * MINUTE],
      [NOW - HOUR, 2 * MINUTE],
    ]);
    expect((await source()).stale_after_ms).toBe(String(2 * MINUTE));
    expect(await gaps()).toBe(0);

    clock.now = new Date(NOW + 5 * MINUTE);
    await run();
    const { rows } = await pool.query("SELECT status, since FROM node_state ORDER BY since");
    expect(rows[0]).toEqual({ status: "stale", since: new Date(NOW + MINUTE) });
  });

  it("ends in the same history as if it had always been known", async () => {
    await setLimit(learnt);
    const sayings = faster().filter(({ atMs }) => atMs < NOW - 6 * HOUR || atMs >= NOW - 5 * HOUR);
    await say(world, lab.bearer, sayings);
    await run();
    const known = await stateDigest(pool);
    // The same evidence, but nothing ran before all of it was there: gaps come from the correction.
    await resetWorld(pool);
    world = await makeWorld(pool, clock);
    lab = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: 3 * HOUR });
    await say(world, lab.bearer, sayings.toReversed());
    await setLimit(learnt);
    await run();
    expect(await gaps()).toBeGreaterThan(0);
    expect(await stateDigest(pool)).toBe(known);
  });
});

describe("changing a limit", () => {
  it("derives the gaps again as a correction: what was known before stays", async () => {
    await say(world, lab.bearer, [
      { node: "a", atMs: NOW - 5 * HOUR },
      { node: "a", atMs: NOW - HOUR },
    ]);
    await run();
    expect(await gaps()).toBe(1);
    clock.now = new Date(NOW + 1_000);
    await setLimit({ mode: "fixed", staleAfterMs: 10 * HOUR });
    await run();
    expect(await gaps()).toBe(0);
    const { rows } = await pool.query(
      `SELECT state FROM trust_interval WHERE source_id = $1 AND recorded_from <= $2
         AND (recorded_to IS NULL OR recorded_to > $2) ORDER BY valid_from`,
      [lab.id, new Date(NOW)],
    );
    expect(rows.map(({ state }) => state)).toEqual(["trusted", "stale", "trusted"]);

    clock.now = new Date(NOW + 2_000);
    await setLimit({ mode: "fixed", staleAfterMs: 30 * MINUTE });
    await run();
    expect(await gaps()).toBe(2);
    expect((await pool.query("SELECT status FROM node_state")).rows).toEqual([{ status: "stale" }]);
  });

  it("is finished after a crash half way, and once only", async () => {
    await say(world, lab.bearer, steadily(NODES, { fromMs: NOW - 5 * HOUR, toMs: NOW, everyMs: HOUR }));
    await setLimit({ mode: "fixed", staleAfterMs: 30 * MINUTE });
    await pool.query("UPDATE source_watch SET refold_after = (SELECT min(node_id::text)::uuid FROM lane)");
    await run();
    // Of the node that was passed over only the open gap is known, as time shows it.
    expect(await gaps()).toBe(2 * 5 + 1);
    await setLimit({ mode: "fixed", staleAfterMs: 30 * MINUTE });
    await run();
    expect(await gaps()).toBe(3 * 5);
    const count = "SELECT count(*)::int AS n FROM trust_interval";
    const before = (await pool.query(count)).rows;
    await run();
    expect((await pool.query(count)).rows).toEqual(before);
  });

  it("is on record, and refused when its bounds contradict each other", async () => {
    await setLimit({ mode: "learnt", factor: 3, floorMs: MINUTE, capMs: HOUR });
    const { rows } = await pool.query("SELECT action, before, after FROM audit_entry");
    expect(rows).toEqual([
      {
        action: "source.set_limit",
        before: expect.objectContaining({ mode: "fixed", staleAfterMs: 3 * HOUR }),
        after: expect.objectContaining({ mode: "learnt", factor: 3 }),
      },
    ]);
    await expect(setLimit({ mode: "learnt", factor: 3, floorMs: HOUR, capMs: MINUTE })).rejects.toMatchObject(
      { code: "request/invalid" },
    );
  });
});
