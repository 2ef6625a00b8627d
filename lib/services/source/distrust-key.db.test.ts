import { randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import { beforeEach, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import { intervalList } from "#db/queries/interval";
import type { Role } from "#lib/domain/access";
import { distrustImpact } from "#lib/ingest/distrust-impact";
import { markStale } from "#lib/jobs/mark-stale";
import { rederiveHistory, rederiveNext } from "#lib/jobs/rederive";
import { decideChange } from "#lib/services/change-request/decide";
import { changeRequests } from "#lib/services/change-request/list";
import { previewChange, proposeChange } from "#lib/services/change-request/propose";
import type { ServiceContext } from "#lib/services/context";
import { nodeTimeline } from "#lib/services/node/timeline";
import { addDomain, addKeyedSource, type Said, store } from "#tests/distrust-world";
import { useDatabase, whileLocked } from "#tests/pg";
import { refusalOf } from "#tests/world";
import { distrustKeyKind } from "./distrust-key.ts";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const KINDS = [distrustKeyKind((ctx, key) => distrustImpact(ctx.db.$client, key, ctx.now()))];
const T0 = Date.parse("2026-03-01T00:00:00Z");
const MINUTE = 60_000;
const REASON = "the host was broken into";
const at = (minutes: number) => new Date(T0 + minutes * MINUTE);

let home: string;
let lab: { trustDomainId: string; id: string };
let clock: Date;
let serial = 0;

beforeEach(async () => {
  clock = at(0);
  home = await addDomain(pool, clock);
  const id = await addKeyedSource(pool, home, {
    name: "lab",
    staleAfterMs: null,
    kids: ["k1", "k2"],
    now: clock,
  });
  lab = { trustDomainId: home, id };
});

async function as(role: Role): Promise<ServiceContext> {
  const id = randomUUID();
  const email = `${role}-${id}@example.org`;
  await pool.query(
    "INSERT INTO app_user (id, email, password_hash, must_change_password, created_at) VALUES ($1, $2, 'x', false, $3)",
    [id, email, clock],
  );
  await pool.query("INSERT INTO role_grant VALUES ($1, $2, $3, $4)", [id, home, role, clock]);
  const actor = {
    kind: "user",
    id,
    sessionId: "0",
    email,
    role,
    trustDomainIds: [home],
    mustChangePassword: false,
  } as const;
  return { db, actor, requestId: "r", address: null, now: () => clock };
}

const say = (node: string, minutes: number, more: Partial<Said> = {}): Said => {
  serial += 1;
  return { node, says: "good", atMs: T0 + minutes * MINUTE, kid: "k1", serial, ...more };
};
const send = (said: Said[], receivedMinutes: number) => store(db, lab, said, at(receivedMinutes));
const body = (since: Date, kid = "k1") => ({
  kind: "key.distrust",
  payload: { sourceId: lab.id, kid, since: since.toISOString() },
  reason: REASON,
});

const asked = (since: Date) => {
  const { kind, payload } = body(since);
  return { kind, payload };
};

async function distrust(since: Date, kid = "k1") {
  const made = await proposeChange(await as("analyst"), body(since, kid), KINDS);
  const { id, planHash } = made;
  await decideChange(await as("approver"), { requestId: id, planHash, decision: "approve" }, KINDS);
  return made;
}
const settle = async () => {
  while (await rederiveNext(pool, () => clock));
};

async function statuses(): Promise<Record<string, string>> {
  const { rows } = await pool.query(
    `SELECT n.display_name AS name, s.status FROM node n JOIN node_state s ON s.node_id = n.id
     WHERE n.trust_domain_id = $1 ORDER BY 1`,
    [home],
  );
  return Object.fromEntries(rows.map(({ name, status }) => [name, status]));
}

describe("distrusting a key", () => {
  it("tells before anything what would move, and then moves exactly that", async () => {
    await send([say("a", 0), say("b", 0), say("b", 0, { kid: "k2" }), say("c", 0, { kid: "k2" })], 0);
    await send([say("d", 10, { says: "bad" }), say("d", 5, { kid: "k2" })], 10);
    clock = at(20);
    const planned = await previewChange(await as("analyst"), asked(at(0)), KINDS);
    const { preview } = planned;
    expect(preview.moves).toEqual(
      expect.arrayContaining([
        { from: "trusted", to: "stale", nodes: 1 },
        { from: "failed", to: "trusted", nodes: 1 },
      ]),
    );
    expect(preview.nodes.items.map(({ name, from, to }) => [name, from, to])).toEqual([
      ["a", "trusted", "stale"],
      ["d", "failed", "trusted"],
    ]);
    expect(preview.warnings).toEqual([expect.stringMatching(/^1 node that is failed now would not be/)]);
    expect(await statuses()).toEqual({ a: "trusted", b: "trusted", c: "trusted", d: "failed" });
    await distrust(at(0));
    await settle();
    expect(await statuses()).toEqual({ a: "stale", b: "trusted", c: "trusted", d: "trusted" });
  });

  it("names the requests that were agreed on in view of the nodes", async () => {
    await send([say("a", 0)], 0);
    clock = at(10);
    const first = await proposeChange(await as("analyst"), body(at(1)), KINDS);
    const second = await proposeChange(await as("analyst"), body(at(0)), KINDS);
    expect(first.preview.nodes.total).toBe(0);
    const third = await previewChange(await as("analyst"), asked(at(0)), KINDS);
    expect(third.preview.reliedOn.items.map(({ id }) => id)).toEqual([second.id]);
  });

  it("counts what was observed or came in before the instant, and nothing else", async () => {
    await send([say("before", 0)], 1);
    await send([say("observed after", 20)], 20);
    await send([say("backdated", 0), say("long backdated", -600)], 20);
    clock = at(30);
    await distrust(at(10));
    await settle();
    expect(await statuses()).toEqual({
      before: "trusted",
      "observed after": "stale",
      backdated: "stale",
      "long backdated": "stale",
    });
  });

  it("leaves the log as it is and says in the history what was derived anew", async () => {
    await send([say("a", 0), say("a", 1)], 1);
    clock = at(10);
    const log = async () =>
      (await pool.query("SELECT * FROM verdict WHERE trust_domain_id = $1 ORDER BY event_hash", [home])).rows;
    const before = await log();
    await distrust(at(0));
    await settle();
    expect(await log()).toEqual(before);
    const [node] = (await pool.query("SELECT id FROM node WHERE trust_domain_id = $1", [home])).rows;
    const window = { nodeId: node.id, from: at(-60).toISOString(), to: at(60).toISOString() };
    const now = await nodeTimeline(await as("viewer"), window);
    expect(now.distrusted).toMatchObject([
      { laneLabel: "lab", kid: "k1", since: at(0).toISOString(), from: at(0).toISOString(), to: null },
    ]);
    const then = await nodeTimeline(await as("viewer"), { ...window, knownAt: at(9).toISOString() });
    expect(then.distrusted).toEqual([]);
    expect(
      then.lanes.map(({ intervals }) => intervals.map(({ state, verdicts }) => [state, verdicts])),
    ).toEqual([[["trusted", 0]], [["trusted", 2]]]);
  });

  it("counts what an open interval stands for by what was decided when it was recorded", async () => {
    await send([say("a", 0), say("a", 1)], 1);
    await send([say("a", 20)], 20);
    clock = at(30);
    await distrust(at(10));
    await settle();
    clock = at(40);
    const [node] = (await pool.query("SELECT id FROM node WHERE trust_domain_id = $1", [home])).rows;
    const counts = async (knownAt: Date) =>
      (await intervalList(db, [home], { nodeId: node.id, from: at(0), to: at(60), knownAt, now: clock }))
        .filter(({ sourceId }) => sourceId !== null)
        .map(({ n, lastAt }) => [n, lastAt]);
    expect(await counts(at(29))).toEqual([[3, at(20).getTime()]]);
    expect(await counts(at(39))).toEqual([[2, at(1).getTime()]]);
  });

  it("can be corrected by two people: moved later, evidence counts again; the key stays refused", async () => {
    await send([say("a", 0), say("a", 20)], 20);
    clock = at(30);
    await distrust(at(-100));
    await settle();
    expect(await statuses()).toEqual({ a: "stale" });
    clock = at(40);
    const planned = await previewChange(await as("analyst"), asked(at(25)), KINDS);
    expect(planned.preview.moves).toEqual([{ from: "stale", to: "trusted", nodes: 1 }]);
    await distrust(at(25));
    await settle();
    expect(await statuses()).toEqual({ a: "trusted" });
    const again = await send([say("a", 39)], 40);
    expect(again).toMatchObject({ accepted: 0, refusals: [{ code: "event/key" }] });
  });

  it.each([
    ["a future instant", () => body(new Date(clock.getTime() + 1)), "request/invalid"],
    ["an unknown key", () => body(at(0), "k9"), "source/key-not-found"],
    [
      "an unknown source",
      () => ({ ...body(at(0)), payload: { ...body(at(0)).payload, sourceId: randomUUID() } }),
      "source/not-found",
    ],
    ["no instant", () => ({ ...body(at(0)), payload: { sourceId: lab.id, kid: "k1" } }), "request/invalid"],
  ] as const)("refuses %s", async (_what, bad, code) => {
    expect(await refusalOf(proposeChange(await as("analyst"), bad() as never, KINDS))).toBe(code);
  });

  it("refuses the second of two requests about one key: what is in force is not what was planned on", async () => {
    clock = at(30);
    const second = await proposeChange(await as("analyst"), body(at(1)), KINDS);
    await distrust(at(0));
    const { id, planHash } = second;
    const vote = decideChange(await as("approver"), { requestId: id, planHash, decision: "approve" }, KINDS);
    expect(await refusalOf(vote)).toBe("change/plan-changed");
    expect(await refusalOf(proposeChange(await as("analyst"), body(at(0)), KINDS))).toBe("request/invalid");
  });

  it("cannot be kept from being approved by whoever holds the key and goes on sending", async () => {
    clock = at(10);
    const { id, planHash } = await proposeChange(await as("analyst"), body(at(0)), KINDS);
    await send([say("new node", 5), say("another", 6)], 10);
    const vote = { requestId: id, planHash, decision: "approve" } as const;
    expect(await decideChange(await as("approver"), vote, KINDS)).toMatchObject({ state: "applied" });
    await settle();
    expect(await statuses()).toEqual({ another: "stale", "new node": "stale" });
  });
});

describe("a batch and a decision that race", () => {
  it("never leave evidence that counts: the batch is refused when the decision came first", async () => {
    await send([say("a", 0)], 0);
    clock = at(10);
    const made = await proposeChange(await as("analyst"), body(at(0)), KINDS);
    const approver = await as("approver");
    const { id, planHash } = made;
    // The decision queues for the key first, the batch (which read the key as active) behind it.
    const results = await whileLocked<unknown>(
      pool,
      "source_key",
      "source_id = $1 AND kid = 'k1'",
      [lab.id],
      { blocked: 2 },
      () => [
        decideChange(approver, { requestId: id, planHash, decision: "approve" }, KINDS),
        untilWaiting().then(() => send([say("b", 5)], 10)),
      ],
    );
    expect(results).toMatchObject([
      { status: "fulfilled" },
      { status: "fulfilled", value: { accepted: 0, refusals: [{ code: "event/key" }] } },
    ]);
    await settle();
    expect(await statuses()).toEqual({ a: "stale" });
  });
});

/** Until somebody waits for a lock. */
async function untilWaiting(): Promise<void> {
  for (;;) {
    const { rows } = await pool.query(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    if (rows.length > 0) return;
  }
}

describe("the work behind a decision", () => {
  it("goes on where it stopped, and tells how far it is", async () => {
    await send(
      ["a", "b", "c"].map((node) => say(node, 0)),
      0,
    );
    clock = at(10);
    await distrust(at(0));
    const progress = async () =>
      (await changeRequests(await as("auditor"), { list: "all", limit: 1 }, KINDS)).rederiving;
    expect(await progress()).toEqual({ done: 0, total: 3 });
    await rederiveNext(pool, () => clock, 2);
    expect(await progress()).toEqual({ done: 2, total: 3 });
    expect(Object.values(await statuses()).filter((status) => status === "stale")).toHaveLength(2);
    const signal = new AbortController().signal;
    expect(await rederiveHistory.run({ db, now: () => clock }, signal)).toBe("more");
    expect(await rederiveHistory.run({ db, now: () => clock }, signal)).toBe("idle");
    expect(await progress()).toBeNull();
    expect(await statuses()).toEqual({ a: "stale", b: "stale", c: "stale" });
  });

  it("loses nothing when it fails in the middle", async () => {
    await send(
      ["a", "b"].map((node) => say(node, 0)),
      0,
    );
    clock = at(10);
    await distrust(at(0));
    await pool.query("ALTER TABLE rederivation ADD CONSTRAINT broken CHECK (nodes_done = 0) NOT VALID");
    await expect(rederiveNext(pool, () => clock, 1)).rejects.toMatchObject({ code: "23514" });
    expect(await statuses()).toEqual({ a: "trusted", b: "trusted" });
    await pool.query("ALTER TABLE rederivation DROP CONSTRAINT broken");
    await settle();
    expect(await statuses()).toEqual({ a: "stale", b: "stale" });
  });

  it("changes nothing the second time, nor when silence is judged afterwards", async () => {
    await send([say("a", 0), say("b", 0, { kid: "k2" })], 0);
    clock = at(10);
    await distrust(at(0));
    await settle();
    const rows = async () =>
      (
        await pool.query(
          "SELECT * FROM trust_interval WHERE trust_domain_id = $1 ORDER BY node_id, source_id, valid_from, recorded_from",
          [home],
        )
      ).rows;
    const before = await rows();
    await pool.query(
      "UPDATE rederivation SET finished_at = NULL, last_node_id = NULL WHERE trust_domain_id = $1",
      [home],
    );
    await settle();
    await markStale.run({ db, now: () => clock }, new AbortController().signal);
    expect(await rows()).toEqual(before);
  });
});
