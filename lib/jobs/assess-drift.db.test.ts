import { randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import { beforeEach, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import { driftMarkAll } from "#db/queries/drift-dirty";
import { driftIntervals } from "#db/queries/drift-interval";
import { inTransaction } from "#db/transaction";
import { DriftMemo } from "#lib/ingest/drift-memo";
import { labelNode } from "#lib/services/node/label";
import { baselineAdder } from "#tests/baseline-world";
import { type Clock, makeWorld, type World } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { policyPerson } from "#tests/policy-world";
import { say } from "#tests/watch-world";
import { assessDrift, assessNodes } from "./assess-drift.ts";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const OLD = { "kernel/release": "6.8.1", "secure-boot/enabled": "true" };
const NEW = { "kernel/release": "6.9.0", "secure-boot/enabled": "true" };
const OFF = { "kernel/release": "6.8.1", "secure-boot/enabled": "false" };

let clock: Clock;
let world: World;
let lab: { id: string; bearer: string };
let addBaseline: ReturnType<typeof baselineAdder>;

beforeEach(async () => {
  clock = { now: new Date(NOW) };
  world = await makeWorld(pool, clock);
  lab = await world.addSource({ kind: "generic", staleAfterMs: null });
  addBaseline = baselineAdder({ db, home: world.trustDomainId } as Parameters<typeof baselineAdder>[0]);
});

const measured = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([path, value]) => [path, [value]]));

async function report(minute: number, measurements: Record<string, string> | undefined, node = "n1") {
  const atMs = NOW + minute * MINUTE;
  clock.now = new Date(Math.max(atMs, clock.now.getTime()));
  const said = measurements ? { measurements } : { policyIds: [`p${minute}`] };
  await say(world, lab.bearer, [{ node, atMs, ...said }]);
}

async function run(minute: number) {
  clock.now = new Date(NOW + minute * MINUTE);
  const { signal } = new AbortController();
  while ((await assessDrift.run({ db, now: () => clock.now }, signal)) === "more");
}

const markAll = (fromMs = 0) =>
  inTransaction(pool, (client) => driftMarkAll(client, world.trustDomainId, fromMs, clock.now));

async function believed() {
  const nodeIds = (await nodesOf()).map(({ id }) => id);
  const rows = await inTransaction(pool, (client) => driftIntervals(client, world.trustDomainId, nodeIds));
  return rows.map(({ fromMs, toMs, worst, effect }) => ({
    from: (fromMs - NOW) / MINUTE,
    to: toMs === null ? null : (toMs - NOW) / MINUTE,
    worst,
    effect,
  }));
}

const nodesOf = async () =>
  (await pool.query<{ id: string }>("SELECT id FROM node WHERE trust_domain_id = $1", [world.trustDomainId]))
    .rows;

const statusOf = async (name: string) =>
  (
    await pool.query<{ status: string }>(
      `SELECT s.status FROM node_state s JOIN node n ON n.trust_domain_id = s.trust_domain_id AND n.id = s.node_id
       WHERE n.trust_domain_id = $1 AND n.display_name = $2`,
      [world.trustDomainId, name],
    )
  ).rows[0]?.status;

async function findings(all = false) {
  const { rows } = await pool.query(
    `SELECT path, class, rule, fingerprint, valid_from, valid_to FROM drift_finding
     WHERE trust_domain_id = $1 AND ($2 OR recorded_to IS NULL) ORDER BY valid_from, path`,
    [world.trustDomainId, all],
  );
  return rows;
}

const marksLeft = async () =>
  (await pool.query("SELECT due_at FROM drift_dirty WHERE trust_domain_id = $1", [world.trustDomainId])).rows;

const workers = (rollouts: Parameters<typeof addBaseline>[0]["rollouts"] = [{ version: 1 }]) =>
  addBaseline({
    name: "workers",
    versions: [
      { scope: [""], entries: measured(OLD) },
      { scope: [""], entries: measured(NEW) },
    ],
    rollouts,
  });

describe("drift of a node", () => {
  it("is nothing where it matches, and an attack from the moment that Secure Boot is off", async () => {
    await workers();
    await report(0, OLD);
    await report(10, OFF);
    await run(11);
    expect(await believed()).toEqual([
      { from: 0, to: 10, worst: null, effect: null },
      { from: 10, to: null, worst: "malicious_like", effect: "fail" },
    ]);
    expect(await findings()).toMatchObject([
      { path: "secure-boot/enabled", class: "malicious_like", rule: "secure-boot-off", valid_to: null },
    ]);
    expect(await marksLeft()).toEqual([]);
  });

  it("of a rolled out kernel raises nothing: both versions are accepted while it lasts", async () => {
    await workers([
      { version: 1, part: "target", toMs: NOW + 5 * MINUTE },
      { version: 1, part: "accepted", fromMs: NOW + 5 * MINUTE, toMs: NOW + 60 * MINUTE },
      { version: 2, part: "target", fromMs: NOW + 5 * MINUTE },
    ]);
    await report(0, OLD);
    await report(30, NEW);
    await run(31);
    expect(await believed()).toEqual([
      { from: 0, to: 5, worst: null, effect: null },
      { from: 5, to: 30, worst: "authorised", effect: "note" },
      { from: 30, to: null, worst: null, effect: null },
    ]);
  });

  it("is kept by silence and by statements without measurements, which mark nothing", async () => {
    await workers();
    await report(0, OFF);
    await run(1);
    await report(5, undefined);
    expect(await marksLeft()).toEqual([]);
    await markAll();
    await run(6);
    expect(await believed()).toEqual([{ from: 0, to: null, worst: "malicious_like", effect: "fail" }]);
  });

  it("comes out the same whatever arrived first, and a second look changes nothing", async () => {
    await workers();
    await report(10, OFF);
    await run(11);
    await report(0, OLD);
    await report(5, NEW);
    await report(20, OLD);
    await run(21);
    const line = await believed();
    expect(line).toEqual([
      { from: 0, to: 5, worst: null, effect: null },
      { from: 5, to: 10, worst: "unexplained", effect: "degrade" },
      { from: 10, to: 20, worst: "malicious_like", effect: "fail" },
      { from: 20, to: null, worst: null, effect: null },
    ]);
    const recorded = (await findings(true)).length;
    await markAll();
    await run(22);
    expect(await believed()).toEqual(line);
    expect((await findings(true)).length).toBe(recorded);
  });

  it("that was believed earlier can still be asked for after a correction", async () => {
    await workers();
    await report(0, OLD);
    await run(1);
    await report(0.5, OFF);
    await run(2);
    const { rows } = await pool.query(
      `SELECT worst FROM drift_interval WHERE trust_domain_id = $1 AND valid_from <= $2
         AND (valid_to IS NULL OR valid_to > $2) AND recorded_from <= $3 AND (recorded_to IS NULL OR recorded_to > $3)`,
      [world.trustDomainId, new Date(NOW + MINUTE), new Date(NOW + 1.5 * MINUTE)],
    );
    expect(rows).toEqual([{ worst: null }]);
    expect((await believed()).at(-1)).toMatchObject({ from: 0.5, worst: "malicious_like" });
  });

  it("comes back when an exception expires, without anything else happening, and the exception counts it", async () => {
    await workers();
    const id = randomUUID();
    await pool.query(
      `INSERT INTO drift_exception (trust_domain_id, id, pattern, selector, reason, created_at, valid_from, expires_at)
       VALUES ($1, $2, 'kernel/.*', '', 'test', $3, $3, $4)`,
      [world.trustDomainId, id, new Date(NOW), new Date(NOW + 30 * MINUTE)],
    );
    await report(0, NEW);
    await run(1);
    expect(await believed()).toEqual([{ from: 0, to: null, worst: "benign", effect: "note" }]);
    expect(await marksLeft()).toEqual([{ due_at: new Date(NOW + 30 * MINUTE) }]);
    await run(31);
    expect(await believed()).toEqual([
      { from: 0, to: 30, worst: "benign", effect: "note" },
      { from: 30, to: null, worst: "unexplained", effect: "degrade" },
    ]);
    const { rows } = await pool.query(
      "SELECT matches::int, last_match_at FROM drift_exception WHERE id = $1",
      [id],
    );
    expect(rows).toEqual([{ matches: 1, last_match_at: new Date(NOW) }]);
  });

  it("of a layer is authorised while its maintenance window is open", async () => {
    await workers();
    await pool.query(
      `INSERT INTO maintenance_window (trust_domain_id, id, selector, layers, from_at, to_at, reason, created_at)
       VALUES ($1, $2, '', '{kernel}', $3, $4, 'test', $3)`,
      [world.trustDomainId, randomUUID(), new Date(NOW), new Date(NOW + 10 * MINUTE)],
    );
    await report(0, NEW);
    await run(20);
    expect(await believed()).toEqual([
      { from: 0, to: 10, worst: "authorised", effect: "note" },
      { from: 10, to: null, worst: "unexplained", effect: "degrade" },
    ]);
  });

  it("has the same fingerprint on every node with the same change", async () => {
    await workers();
    await report(0, OFF, "n1");
    await report(1, OFF, "n2");
    await run(2);
    const found = await findings();
    expect(found).toHaveLength(2);
    expect(found[0].fingerprint).toEqual(found[1].fingerprint);
  });

  it("begins and ends with a rollout of a later instant, although nothing is heard of the node meanwhile", async () => {
    await workers([{ version: 1, fromMs: NOW + 10 * MINUTE, toMs: NOW + 20 * MINUTE }]);
    await report(0, OFF);
    clock.now = new Date(NOW + MINUTE);
    await markAll(NOW + 10 * MINUTE);
    await run(1);
    expect(await believed()).toEqual([]);
    expect(await marksLeft()).toEqual([{ due_at: new Date(NOW + 10 * MINUTE) }]);
    await run(10);
    expect(await believed()).toEqual([{ from: 10, to: null, worst: "malicious_like", effect: "fail" }]);
    expect(await statusOf("n1")).toBe("failed");
    expect(await marksLeft()).toEqual([{ due_at: new Date(NOW + 20 * MINUTE) }]);
    await run(20);
    expect(await believed()).toEqual([{ from: 10, to: 20, worst: "malicious_like", effect: "fail" }]);
    expect(await statusOf("n1")).toBe("trusted");
    expect(await marksLeft()).toEqual([]);
  });

  it("follows its labels: it is compared with the baseline of its role from the label on", async () => {
    await addBaseline({
      name: "gpus",
      selector: 'node.labels.role == "gpu"',
      versions: [{ scope: [""], entries: measured(OLD) }],
      rollouts: [{ version: 1 }],
    });
    await report(0, OFF);
    await run(1);
    expect(await believed()).toEqual([]);
    const [node] = await nodesOf();
    const analyst = await policyPerson(db, world, "analyst");
    clock.now = new Date(NOW + 5 * MINUTE);
    await labelNode(analyst, { nodeId: node?.id ?? "", labels: { role: "gpu" } });
    await run(6);
    expect(await believed()).toEqual([{ from: 5, to: null, worst: "malicious_like", effect: "fail" }]);
    expect(await statusOf("n1")).toBe("failed");
    clock.now = new Date(NOW + 10 * MINUTE);
    await labelNode(analyst, { nodeId: node?.id ?? "", labels: { role: null } });
    await run(11);
    expect(await believed()).toEqual([{ from: 5, to: 10, worst: "malicious_like", effect: "fail" }]);
    expect(await statusOf("n1")).toBe("trusted");
  });

  it("ends where nothing is expected any more", async () => {
    await workers([{ version: 1, toMs: NOW + 10 * MINUTE }]);
    await report(0, OFF);
    await run(20);
    expect(await believed()).toEqual([{ from: 0, to: 10, worst: "malicious_like", effect: "fail" }]);
  });
});

describe("an assessment", () => {
  it("that was made before costs nothing: equal evidence on many nodes is compared once", async () => {
    await workers();
    for (const node of ["n1", "n2", "n3"]) await report(0, OFF, node);
    const memo = new DriftMemo();
    const nodeIds = (await nodesOf()).map(({ id }) => id);
    const task = { trustDomainId: world.trustDomainId, nodeIds, now: clock.now, memo };
    await assessNodes(pool, task);
    expect(memo.made).toBe(1);
    await markAll();
    expect(await assessNodes(pool, task)).toEqual([]);
    expect(memo.made).toBe(1);
  });

  it("keeps a mark that was made while it was under way", async () => {
    await workers();
    await report(0, OLD);
    const client = await pool.connect();
    await client.query("BEGIN");
    await client.query("SELECT FROM node_state WHERE trust_domain_id = $1 FOR UPDATE", [world.trustDomainId]);
    const nodeIds = (await nodesOf()).map(({ id }) => id);
    const running = assessNodes(pool, {
      trustDomainId: world.trustDomainId,
      nodeIds,
      now: clock.now,
      memo: new DriftMemo(),
    });
    await client.query("UPDATE drift_dirty SET marks = marks + 1 WHERE trust_domain_id = $1", [
      world.trustDomainId,
    ]);
    await client.query("COMMIT");
    client.release();
    await running;
    await run(1);
    expect(await marksLeft()).toEqual([]);
    expect(await believed()).toEqual([{ from: 0, to: null, worst: null, effect: null }]);
  });
});
