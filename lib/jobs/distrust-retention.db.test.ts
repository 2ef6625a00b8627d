import { drizzle } from "drizzle-orm/node-postgres";
import { beforeEach, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import { intervalList } from "#db/queries/interval";
import { distrustImpact } from "#lib/ingest/distrust-impact";
import { addDomain, addKeyedSource, distrust, type Said, store } from "#tests/distrust-world";
import { resetWorld } from "#tests/ingest-world";
import { useDatabase, whileLocked } from "#tests/pg";
import { rederiveNext } from "./rederive.ts";
import { retainVerdicts } from "./retain-verdicts.ts";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const NOW = Date.parse("2026-03-20T12:00:00Z");
const DAY = 86_400_000;
const HOUR = DAY / 24;
const SINCE = NOW - 16 * DAY;
const { signal } = new AbortController();
const VOID = "No evidence that counts: key k1 is distrusted";

let home: string;
let lab: { trustDomainId: string; id: string };
let serial: number;

async function begin(): Promise<void> {
  await resetWorld(pool);
  await pool.query("TRUNCATE verdict_kept, verdict_digest");
  await pool.query("UPDATE retention SET verdict_days = 10, raw_days = 5, retained_since = NULL");
  const start = new Date(NOW - 30 * DAY);
  home = await addDomain(pool, start);
  const id = await addKeyedSource(pool, home, {
    name: "lab",
    staleAfterMs: null,
    kids: ["k1", "k2"],
    now: start,
  });
  lab = { trustDomainId: home, id };
  serial = 0;
}
beforeEach(begin);

type Say = Pick<Said, "node" | "kid"> & { day: number; says?: Said["says"]; lateMs?: number };

const send = async (...said: Say[]) => {
  for (const { day, says = "good", lateMs = 0, ...one } of said) {
    serial += 1;
    const atMs = NOW - day * DAY;
    await store(db, lab, [{ ...one, says, atMs, serial }], new Date(atMs + lateMs));
  }
};

/** Which key spoke of a node, by days before now, once a day. */
const KEYS: Record<string, (day: number) => string> = {
  middle: (day) => (day < 15 && day > 12 ? "k1" : "k2"),
  all: () => "k1",
  across: (day) => (day < 15 && day > 3 ? "k1" : "k2"),
  before: (day) => (day > 16 ? "k1" : "k2"),
  never: () => "k2",
};

async function twentyDays(): Promise<void> {
  for (let day = 20; day > 0; day -= 1) {
    await send(...Object.entries(KEYS).map(([node, kidOn]) => ({ node, kid: kidOn(day), day })));
  }
}

async function retain(atMs = NOW): Promise<void> {
  while ((await retainVerdicts.run({ db, now: () => new Date(atMs) }, signal)) === "more");
}
const decide = () =>
  distrust(pool, { trustDomainId: home, sourceId: lab.id, kid: "k1" }, new Date(SINCE), new Date(NOW));
const settle = async () => {
  while (await rederiveNext(pool, () => new Date(NOW), 2));
};
const impact = () =>
  distrustImpact(
    pool,
    { trustDomainId: home, sourceId: lab.id, kid: "k1", sinceMs: SINCE, currentMs: null },
    new Date(NOW),
  );

/** Until a session waits for a lock. */
async function someoneWaits(): Promise<void> {
  const waiting =
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
  while ((await pool.query(waiting)).rowCount === 0);
}

type Row = { from: number; to: number | null; state: string; reason: string; kid: string | null };

/** What is believed of each node's lane, in days before now. */
async function lanes(): Promise<Record<string, Row[]>> {
  const { rows } = await pool.query(
    `SELECT n.display_name AS name, i.valid_from, i.valid_to, i.state, i.reason,
       CASE WHEN i.event_hash IS NOT NULL THEN i.kid END AS kid
     FROM trust_interval i JOIN node n ON n.id = i.node_id
     WHERE i.source_id = $1 AND i.recorded_to IS NULL ORDER BY name, i.valid_from`,
    [lab.id],
  );
  const days = (at: Date | null) => at && (NOW - at.getTime()) / DAY;
  const byName = Map.groupBy(rows, ({ name }) => name);
  return Object.fromEntries(
    [...byName].map(([name, list]) => [
      name,
      list.map(({ valid_from, valid_to, state, reason, kid }) => ({
        from: days(valid_from) ?? 0,
        to: days(valid_to),
        state,
        reason: state === "stale" ? reason : "",
        kid,
      })),
    ]),
  );
}
const good = (from: number, to: number | null, kid: string) => ({
  from,
  to,
  state: "trusted",
  reason: "",
  kid,
});
const gap = (from: number, to: number | null) => ({ from, to, state: "stale", reason: VOID, kid: null });

const EXPECTED = {
  across: [good(20, 14, "k2"), gap(14, 3), good(3, null, "k2")],
  all: [gap(20, null)],
  before: [good(20, 16, "k1"), good(16, null, "k2")],
  middle: [good(20, 14, "k2"), gap(14, 12), good(12, null, "k2")],
  never: [good(20, null, "k2")],
};

describe("distrusting a key after old verdicts were dropped", () => {
  it("keeps what stands before them, but for what rested on the key", async () => {
    await twentyDays();
    await retain();
    await decide();
    await settle();
    expect(await lanes()).toEqual(EXPECTED);
  });

  it("tells beforehand what it does, and leaves what was known before", async () => {
    await twentyDays();
    await retain();
    const planned = await impact();
    expect(planned.named.map(({ name, from, to }) => [name, from, to])).toEqual([
      ["all", "trusted", "stale"],
    ]);
    const { rows: nodes } = await pool.query("SELECT id FROM node ORDER BY id");
    const known = () =>
      Promise.all(
        nodes.map(({ id }) =>
          intervalList(db, [home], {
            nodeId: id,
            from: new Date(NOW - 30 * DAY),
            to: new Date(NOW),
            knownAt: new Date(NOW - 1),
            now: new Date(NOW),
          }),
        ),
      );
    const bases = () => pool.query("SELECT * FROM lane_base ORDER BY node_id").then(({ rows }) => rows);
    const [before, basesBefore] = [await known(), await bases()];
    await impact();
    expect(await bases()).toEqual(basesBefore);
    await decide();
    await settle();
    const states = (all: Awaited<ReturnType<typeof known>>) =>
      all.map((list) => list.map(({ from, to, state }) => ({ from, to, state })));
    expect(states(await known())).toEqual(states(before));
    const { rows } = await pool.query(
      "SELECT display_name AS name FROM node JOIN node_state s ON s.node_id = node.id WHERE s.status = 'stale'",
    );
    expect(rows).toEqual([{ name: "all" }]);
    const changed = new Set((await impact()).nodeIds);
    expect([...changed]).toEqual([]);
  });

  it("does not bring the key's statement back when a late verdict folds the lane again", async () => {
    await twentyDays();
    await retain();
    await decide();
    await settle();
    await send(...["across", "all", "middle"].map((node) => ({ node, kid: "k2", day: 5, lateMs: 5 * DAY })));
    const after = await lanes();
    expect(after.middle).toEqual(EXPECTED.middle);
    expect(after.across).toEqual([good(20, 14, "k2"), gap(14, 5), good(5, null, "k2")]);
    expect(after.all).toEqual([gap(20, 5), good(5, null, "k2")]);
  });

  it("comes to the same when more is dropped between the decision and its work, and afterwards", async () => {
    await twentyDays();
    await retain();
    await decide();
    await retain(NOW + 4 * DAY);
    await settle();
    expect(await lanes()).toEqual(EXPECTED);
    await retain(NOW + 6 * DAY);
    await send({ node: "across", kid: "k2", day: 2.5, lateMs: 2 * DAY });
    expect(await lanes()).toEqual(EXPECTED);
  });

  it("never folds on from what is being voided at the same time", async () => {
    for (let day = 20; day > 0; day -= 1) await send({ node: "all", kid: "k1", day });
    await retain();
    await decide();
    const results = await whileLocked(pool, "lane_base", "true", [], { blocked: 2 }, () => [
      settle(),
      someoneWaits().then(() => retain(NOW + 4 * DAY)),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    const { rows } = await pool.query("SELECT open ->> 'reason' AS reason, through_at FROM lane_base");
    expect(rows).toEqual([{ reason: VOID, through_at: new Date("2026-03-14") }]);
  });

  it("takes for dated back what it cannot tell any more: the hour before, and where the key was late", async () => {
    const first = SINCE - 2 * DAY;
    const day = (atMs: number) => (NOW - atMs) / DAY;
    await send(
      ...["hour", "late", "prompt"].map((node) => ({ node, kid: "k2", day: day(first - HOUR) })),
      { node: "hour", kid: "k1", day: day(SINCE - HOUR / 2) },
      { node: "prompt", kid: "k1", day: day(SINCE - 2 * HOUR) },
      { node: "late", kid: "k1", day: day(first) },
      // Repeats what was said before, so that no interval begins with it.
      { node: "late", kid: "k1", day: day(SINCE - 3 * HOUR), lateMs: 4 * HOUR },
    );
    await retain();
    expect((await pool.query("SELECT 1 FROM verdict")).rowCount).toBe(0);
    await decide();
    await settle();
    const after = await lanes();
    expect(after.hour?.at(-1)?.reason).toBe(VOID);
    expect(after.late?.at(-1)?.reason).toBe(VOID);
    expect(after.prompt?.at(-1)).toMatchObject({ state: "trusted", kid: "k1" });
  });
});
