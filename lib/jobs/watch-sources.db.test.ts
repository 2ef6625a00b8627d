import { drizzle } from "drizzle-orm/node-postgres";
import { beforeEach, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import {
  BATCH,
  type Clock,
  cloudEvent,
  makeWorld,
  resetWorld,
  verdictDocument,
  type World,
} from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { findingsOnRecord, runReconcilers, say, steadily } from "#tests/watch-world";

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
    staleAfterMs: 30 * MINUTE,
    scopes: ["ingest:write", "ingest:backfill"],
  });
});

const run = () => runReconcilers(db, clock);
// Evidence that is sent long after its time is a finding, too; only its own test asks for that.
const findings = async (kind = "silent") =>
  (await findingsOnRecord(pool)).filter((finding) => finding.kind === kind);
const every10 = (fromMs: number, toMs: number, nodes = NODES) =>
  steadily(nodes, { fromMs, toMs, everyMs: 10 * MINUTE });
const last = (fromMs: number) => fromMs - 10 * MINUTE + (NODES.length - 1) * 1_000;

describe("silence of a whole source", () => {
  it("is a finding from twice the cadence on, and ends with the next evidence", async () => {
    await say(world, lab.bearer, every10(NOW - 5 * HOUR, NOW));
    clock.now = new Date(last(NOW) + 20 * MINUTE);
    await run();
    expect(await findings()).toEqual([]);
    clock.now = new Date(last(NOW) + 20 * MINUTE + 1);
    await run();
    const since = new Date(last(NOW) + 20 * MINUTE);
    expect(await findings()).toEqual([
      { kind: "silent", subject: "", since, until: null, nodes: 3, detail: { thresholdMs: 20 * MINUTE } },
    ]);
    clock.now = new Date(NOW + 2 * HOUR);
    await say(world, lab.bearer, [{ node: "b", atMs: NOW + 2 * HOUR }]);
    await run();
    expect(await findings()).toMatchObject([{ since, until: new Date(NOW + 2 * HOUR) }]);
    const { rows } = await pool.query(
      "SELECT count(*)::int AS n FROM source_finding WHERE kind = 'silent' AND recorded_to IS NOT NULL",
    );
    expect(rows).toEqual([{ n: 1 }]);
  });

  it("is none while one line still speaks", async () => {
    await say(world, lab.bearer, [
      ...every10(NOW - 5 * HOUR, NOW - HOUR),
      ...every10(NOW - HOUR, NOW, ["a"]),
    ]);
    await run();
    expect(await findings()).toEqual([]);
    const { rows } = await pool.query("SELECT count(*)::int AS n FROM node_state WHERE status = 'stale'");
    expect(rows).toEqual([{ n: 2 }]);
  });

  it("is found in imported history, and not before the import is over", async () => {
    const gap = [NOW - 30 * HOUR, NOW - 21 * HOUR] as const;
    await say(world, lab.bearer, [...every10(NOW - 60 * HOUR, gap[0]), ...every10(gap[1], NOW)], {
      backfill: true,
    });
    await run();
    expect(await findings()).toEqual([]);
    clock.now = new Date(NOW + 2 * MINUTE);
    await run();
    expect(await findings()).toMatchObject([
      { since: new Date(last(gap[0]) + 20 * MINUTE), until: new Date(gap[1]) },
    ]);
  });

  it("is corrected by evidence that came late, and what was known before stays", async () => {
    await say(world, lab.bearer, [
      ...every10(NOW - 9 * HOUR, NOW - 5 * HOUR),
      ...every10(NOW - 2 * HOUR, NOW),
    ]);
    await run();
    expect(await findings()).toHaveLength(1);
    clock.now = new Date(NOW + 1_000);
    await say(world, lab.bearer, every10(NOW - 5 * HOUR, NOW - 2 * HOUR));
    await run();
    expect(await findings()).toEqual([]);
    const { rows } = await pool.query(
      "SELECT count(*)::int AS n FROM source_finding WHERE kind = 'silent' AND recorded_from <= $1 AND recorded_to > $1",
      [new Date(NOW)],
    );
    expect(rows).toEqual([{ n: 1 }]);
  });

  it("is not judged for a source without a limit, and ends when it is disabled", async () => {
    await say(world, lab.bearer, every10(NOW - 5 * HOUR, NOW - HOUR));
    await run();
    expect(await findings()).toMatchObject([{ kind: "silent", until: null }]);
    await pool.query("UPDATE source SET disabled_at = $1", [new Date(NOW - MINUTE)]);
    await run();
    expect(await findings()).toMatchObject([{ kind: "silent", until: new Date(NOW - MINUTE) }]);
    await pool.query("UPDATE source SET stale_after_ms = NULL, disabled_at = NULL");
    await run();
    expect(await findings()).toEqual([]);
  });

  it("is recorded once, however often it is looked for", async () => {
    await say(world, lab.bearer, every10(NOW - 5 * HOUR, NOW - HOUR));
    await run();
    await run();
    expect(
      (await pool.query("SELECT count(*)::int AS n FROM source_finding WHERE kind = 'silent'")).rows,
    ).toEqual([{ n: 1 }]);
  });
});

describe("clocks", () => {
  it("that run ahead or deliver late are a finding while they do", { timeout: 60_000 }, async () => {
    for (const [offsetMs, sign] of [
      [90_000, "ahead"],
      [-90_000, "behind"],
    ] as const) {
      await pool.query("TRUNCATE verdict, source_finding");
      for (let step = 0; step < 8; step += 1) {
        clock.now = new Date(NOW + step * MINUTE);
        await say(world, lab.bearer, [{ node: `n${sign}`, atMs: clock.now.getTime() + offsetMs }]);
      }
      await run();
      expect(await findings("skewed")).toMatchObject([{ kind: "skewed", subject: sign, until: null }]);
      for (let step = 10; step < 30; step += 1) {
        clock.now = new Date(NOW + step * MINUTE);
        await say(world, lab.bearer, [{ node: `n${sign}`, atMs: clock.now.getTime() - 200 }]);
      }
      await run();
      expect(await findings("skewed")).toMatchObject([{ kind: "skewed", until: clock.now }]);
    }
  });

  it("never let a verdict from further ahead than allowed become the newest", async () => {
    await say(world, lab.bearer, [{ node: "a", atMs: NOW }]);
    const newest = "SELECT last_at FROM lane";
    const before = (await pool.query(newest)).rows;
    for (const aheadMs of [300_001, 3_600_000, 10 * 365 * 24 * HOUR]) {
      for (const path of ["/api/v1/events", "/api/v1/events?backfill=true"]) {
        const answer = await world.send({
          bearer: lab.bearer,
          path,
          headers: BATCH,
          body: JSON.stringify([cloudEvent("verdict", verdictDocument("a", NOW + aheadMs))]),
        });
        expect(answer.json.rejected).toMatchObject([{ problem: { code: "event/future" } }]);
      }
    }
    expect((await pool.query(newest)).rows).toEqual(before);
    const { rows } = await pool.query(
      "SELECT sum(n)::int AS n FROM rejected_event WHERE code = 'event/future'",
    );
    expect(rows).toEqual([{ n: 6 }]);
  });
});

describe("settings that cannot work", () => {
  it("are found: verdicts that expire before the next one is due, a limit below the cadence", async () => {
    const pace = { fromMs: NOW - 5 * HOUR, toMs: NOW, everyMs: 40 * MINUTE };
    const sayings = steadily(NODES, pace).map((saying) => ({
      ...saying,
      expiresAt: new Date(saying.atMs + 6 * HOUR).toISOString(),
    }));
    await say(world, lab.bearer, sayings);
    await run();
    expect(await findings("misconfigured")).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ kind: "misconfigured", subject: "limit-below-cadence" }),
      ]),
    );
    await pool.query("UPDATE source SET stale_after_ms = $1", [2 * HOUR]);
    await pool.query("UPDATE verdict SET expires_at = observed_at + interval '5 minutes'");
    await run();
    const open = (await findings("misconfigured")).filter(({ until }) => until === null);
    expect(open).toMatchObject([
      {
        kind: "misconfigured",
        subject: "verdicts-expire",
        detail: { validForMs: 5 * MINUTE, cadenceMs: 40 * MINUTE },
      },
    ]);
  });
});
