import { createHash } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import { beforeEach, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import { verdictFind } from "#db/queries/verdict";
import { setSilenceLimit } from "#lib/services/source/set-limit";
import { BATCH, type Clock, cloudEvent, makeWorld, resetWorld, type World } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { readState, type State } from "#tests/state-digest";
import { applyLimits } from "./apply-limits.ts";
import { retainVerdicts } from "./retain-verdicts.ts";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const NOW = Date.parse("2026-03-20T12:00:00Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const signal = new AbortController().signal;

let clock: Clock;
let world: World;
let bearer: string;

async function begin(): Promise<void> {
  await resetWorld(pool);
  await pool.query("TRUNCATE verdict_kept, verdict_digest");
  await pool.query("UPDATE retention SET verdict_days = 10, raw_days = 5, retained_since = NULL");
  await pool.query("UPDATE verdict_partition SET raw_dropped_at = NULL");
  clock = { now: new Date(NOW) };
  world = await makeWorld(pool, clock);
  const scopes = ["ingest:write", "ingest:backfill"] as const;
  ({ bearer } = await world.addSource({ kind: "generic", staleAfterMs: 2 * DAY, scopes: [...scopes] }));
}
beforeEach(begin);

type Event = { node: string; atMs: number; status?: string };

async function send(events: readonly Event[], receivedMs: number, path = "/api/v1/events?backfill=true") {
  clock.now = new Date(receivedMs);
  const body = events.map(({ node, atMs, status = "affirming" }) =>
    cloudEvent("verdict", {
      schema: "touchstone.verdict/1",
      node: { id: node },
      observedAt: new Date(atMs).toISOString(),
      status,
    }),
  );
  return (await world.send({ bearer, path, headers: BATCH, body: JSON.stringify(body) })).json;
}

async function retain(atMs = NOW): Promise<void> {
  while ((await retainVerdicts.run({ db, now: () => new Date(atMs) }, signal)) === "more");
}

const partitions = async () =>
  (await pool.query("SELECT name FROM verdict_partition ORDER BY from_at")).rows.map(({ name }) => name);

/** Twenty days: one node that never changed, one that failed twice, each seen every six hours. */
async function twentyDays(): Promise<void> {
  for (let day = 20; day > 0; day -= 1) {
    const start = NOW - day * DAY;
    const hours = [1, 7, 13, 19].map((hour) => start + hour * HOUR);
    const bad = [14, 6].includes(day) ? "contraindicated" : "affirming";
    await send(
      hours.flatMap((atMs) => [
        { node: "steady", atMs },
        { node: "flaky", atMs, status: bad },
      ]),
      start + 20 * HOUR,
    );
  }
}

const believed = ({ verdicts: _, ...state }: State) => state;

describe("dropping old verdicts", () => {
  it("changes nothing that is believed, and drops whole days only", async () => {
    await twentyDays();
    const before = believed(await readState(pool));
    await retain();
    const left = await partitions();
    expect(left).not.toContain("verdict_20260309");
    expect(left).toContain("verdict_20260311");
    expect(believed(await readState(pool))).toEqual(before);
    await retain();
    expect(await partitions()).toEqual(left);
  });

  it("folds late verdicts exactly as if nothing had been dropped", async () => {
    const late: Event[] = [
      { node: "steady", atMs: NOW - 3 * DAY + 2 * HOUR },
      { node: "steady", atMs: NOW - 8 * DAY + 2 * HOUR, status: "warning" },
      { node: "flaky", atMs: NOW - 9 * DAY + HOUR / 2 },
      { node: "new", atMs: NOW - 9 * DAY },
    ];
    await twentyDays();
    await send(late, NOW);
    const untouched = believed(await readState(pool));
    await begin();
    await twentyDays();
    await retain();
    expect(await send(late, NOW)).toMatchObject({ accepted: 4, rejected: [] });
    expect(believed(await readState(pool))).toEqual(untouched);
  });

  it("folds on after a second round as after one", async () => {
    await twentyDays();
    await send([{ node: "steady", atMs: NOW + 4 * DAY }], NOW + 4 * DAY);
    await retain(NOW);
    await retain(NOW + 4 * DAY);
    await send([{ node: "steady", atMs: NOW - 3 * DAY + 2 * HOUR }], NOW + 4 * DAY);
    const twice = believed(await readState(pool));
    await begin();
    await twentyDays();
    await send([{ node: "steady", atMs: NOW + 4 * DAY }], NOW + 4 * DAY);
    await send([{ node: "steady", atMs: NOW - 3 * DAY + 2 * HOUR }], NOW + 4 * DAY);
    expect(twice).toEqual(believed(await readState(pool)));
  });

  it("folds by the limit that held at each time, also where it changed before what is kept", async () => {
    const limit = async () => {
      await pool.query("UPDATE source SET limit_mode = 'learnt', limit_from_ms = $1, limit_ms = $2", [
        [0, NOW - 14 * DAY],
        [2 * DAY, 3 * HOUR],
      ]);
    };
    const late: Event = { node: "steady", atMs: NOW - 8 * DAY + 2 * HOUR };
    await limit();
    await twentyDays();
    await send([late], NOW);
    const untouched = believed(await readState(pool));
    expect(untouched.intervals.filter((line) => line.includes("silent for longer")).length).toBeGreaterThan(
      40,
    );
    await begin();
    await limit();
    await twentyDays();
    await retain();
    await send([late], NOW);
    expect(believed(await readState(pool))).toEqual(untouched);
    const { rows } = await pool.query("SELECT DISTINCT open ->> 'n' AS n FROM lane_base");
    expect(rows).toEqual([{ n: "1" }]);
  });

  it("leaves what stands before it when a limit changes: only the statement that was open is judged anew", async () => {
    await twentyDays();
    await retain();
    const closed = async () =>
      (
        await pool.query(
          `SELECT i.* FROM trust_interval i JOIN lane_base b
             ON b.node_id = i.node_id AND b.source_id = i.source_id AND b.submod = i.submod
           WHERE i.recorded_to IS NULL AND i.valid_from < to_timestamp((b.open ->> 'fromMs')::bigint / 1000.0)
           ORDER BY i.node_id, i.valid_from`,
        )
      ).rows;
    const bases = async () => (await pool.query("SELECT * FROM lane_base ORDER BY node_id")).rows;
    const before = [await closed(), await bases()];
    expect(before[0]).not.toHaveLength(0);
    const actor = { kind: "system", id: "test", trustDomainIds: [world.trustDomainId] } as const;
    const [source] = (await pool.query("SELECT id FROM source")).rows;
    await setSilenceLimit(
      { db, actor, requestId: "r", address: null, now: () => new Date(NOW) },
      { sourceId: source.id, limit: { mode: "fixed", staleAfterMs: 3 * HOUR } },
    );
    // The import is over by then.
    const job = { db, now: () => new Date(NOW + 2 * DAY) };
    while ((await applyLimits.run(job, signal)) === "more");
    expect([await closed(), await bases()]).toEqual(before);
    const { rows } = await pool.query(
      `SELECT min(valid_from) AS first, count(*)::int AS n FROM trust_interval
       WHERE recorded_to IS NULL AND event_hash IS NULL AND source_id = $1`,
      [source.id],
    );
    expect(rows[0].n).toBeGreaterThan(40);
    const { rows: horizon } = await pool.query(
      `SELECT min(to_timestamp((open ->> 'lastMs')::bigint / 1000.0)) AS at FROM lane_base`,
    );
    expect(rows[0].first.getTime()).toBe(horizon[0].at.getTime() + 3 * HOUR);
  });

  it("refuses a verdict from before what is kept, visibly, and changes nothing", async () => {
    await twentyDays();
    await retain();
    const before = await readState(pool);
    const answer = await send([{ node: "steady", atMs: NOW - 15 * DAY + 2 * HOUR }], NOW);
    expect(answer).toMatchObject({ accepted: 0, duplicate: 0 });
    expect(answer.rejected.map(({ problem }) => problem.code)).toEqual(["event/before-retention"]);
    expect(await readState(pool)).toEqual(before);
    expect((await pool.query("SELECT code FROM rejected_event")).rows).toEqual([
      { code: "event/before-retention" },
    ]);
  });

  it("refuses it too when the partition is dropped while the sender knows it", async () => {
    await twentyDays();
    await send([{ node: "other", atMs: NOW - 15 * DAY }], NOW - 14 * DAY);
    await pool.query("UPDATE retention SET retained_since = NULL");
    await retain();
    const answer = await send([{ node: "other", atMs: NOW - 15 * DAY + 1 }], NOW);
    expect(answer.rejected.map(({ problem }) => problem.code)).toEqual(["event/before-retention"]);
  });

  it("keeps imported history for as long from its import on", async () => {
    await send([{ node: "n1", atMs: NOW - 900 * DAY }], NOW);
    await retain(NOW + 9 * DAY);
    expect((await readState(pool)).verdicts).toHaveLength(1);
    await retain(NOW + 11 * DAY);
    expect((await readState(pool)).verdicts).toHaveLength(0);
  });
});

describe("what outlives a dropped partition", () => {
  it("is the evidence of every state change, byte for byte", async () => {
    await twentyDays();
    const { rows } = await pool.query<{ node_id: string; hash: string; raw: Buffer }>(
      `SELECT DISTINCT v.node_id, encode(v.event_hash, 'hex') AS hash, v.raw FROM verdict v
       JOIN trust_interval i ON i.node_id = v.node_id AND i.event_hash = v.event_hash`,
    );
    expect(rows.length).toBeGreaterThan(4);
    await retain();
    for (const { node_id: nodeId, hash: eventHash, raw } of rows) {
      const found = await verdictFind(db, [world.trustDomainId], { nodeId, eventHash });
      expect(found?.raw).toEqual(raw);
    }
  });

  it("is the digest of everything: the hash chain of an interval can be computed again", async () => {
    await twentyDays();
    await retain();
    const { rows: lanes } = await pool.query(
      `SELECT l.node_id, encode(l.roll, 'hex') AS roll, l.n::int FROM lane l JOIN node n ON n.id = l.node_id
       WHERE n.display_name = 'steady'`,
    );
    const { rows: packed } = await pool.query(
      "SELECT digests FROM verdict_digest WHERE node_id = $1 ORDER BY day",
      [lanes[0].node_id],
    );
    const { rows: kept } = await pool.query(
      "SELECT raw_sha256 FROM verdict WHERE node_id = $1 ORDER BY observed_at",
      [lanes[0].node_id],
    );
    const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
    const all = Buffer.concat([
      ...packed.map(({ digests }) => digests),
      ...kept.map((row) => row.raw_sha256),
    ]);
    let roll = "";
    for (let at = 0; at < all.length; at += 32) {
      roll = sha256(roll + sha256(`${all.subarray(at, at + 32).toString("hex")}/`));
    }
    expect(all.length / 32).toBe(lanes[0].n);
    expect(roll).toBe(lanes[0].roll);
  });

  it("is, before that, every row: the bytes of repeats go first", async () => {
    await twentyDays();
    await pool.query("UPDATE retention SET verdict_days = 100");
    const before = await readState(pool);
    await retain();
    expect(await readState(pool)).toEqual(before);
    const { rows } = await pool.query(
      `SELECT v.raw IS NULL AS gone, v.raw_sha256 IS NOT NULL AS digest,
         EXISTS (SELECT FROM trust_interval i WHERE i.node_id = v.node_id AND i.event_hash = v.event_hash) AS opens
       FROM verdict v WHERE v.observed_at < $1`,
      [new Date(NOW - 6 * DAY)],
    );
    expect(rows.length).toBeGreaterThan(50);
    for (const { gone, digest, opens } of rows)
      expect({ gone, digest }).toEqual({ gone: !opens, digest: true });
    const { rows: young } = await pool.query("SELECT FROM verdict WHERE raw IS NULL AND observed_at > $1", [
      new Date(NOW - 5 * DAY),
    ]);
    expect(young).toHaveLength(0);
  });
});

describe("room for verdicts", () => {
  it("is a day inside what is kept, and a month for older imports", async () => {
    await pool.query("SELECT ensure_verdict_day('2026-02-27', '2026-03-01')");
    await pool.query("SELECT ensure_verdict_day('2011-05-03', '2026-03-01')");
    await pool.query("SELECT ensure_verdict_day('2011-05-04', '2026-03-01')");
    const all = await partitions();
    expect(all).toContain("verdict_20260227");
    expect(all.filter((name) => name.startsWith("verdict_2011"))).toEqual(["verdict_201105"]);
  });

  it("is left as it is where a month stands already", async () => {
    await pool.query("SELECT ensure_verdict_partition('2027-03-09')");
    await pool.query("SELECT ensure_verdict_day('2027-03-09', '2027-03-01')");
    expect((await partitions()).filter((name) => name.startsWith("verdict_202703"))).toEqual([
      "verdict_202703",
    ]);
  });
});
