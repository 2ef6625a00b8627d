import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import { auditInsert } from "#db/queries/audit";
import { factInsertAll, factList } from "#db/queries/feed";
import { inTransaction } from "#db/transaction";
import type { Fact } from "#lib/domain/feed/fact";
import { ocsfOf } from "#lib/domain/ocsf/of-item";
import { takeIn } from "#lib/transparency/take-in";
import { BATCH, type Clock, cloudEvent, makeWorld, resetWorld, type World } from "#tests/ingest-world";
import { bootstrapDocument, foldAllDue } from "#tests/lifecycle-world";
import { ocsfFaults } from "#tests/ocsf-shape";
import { useDatabase } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { DELIVERIES_KEPT_MS, FACTS_KEPT_MS, forgetFacts, orderFacts } from "./order.ts";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const NOW = Date.parse("2026-03-01T12:00:00Z");
const dataDir = mkdtempSync(join(tmpdir(), "feed-"));
afterAll(() => rmSync(dataDir, { recursive: true }));

let clock: Clock;
let world: World;

beforeEach(async () => {
  await resetWorld(pool);
  clock = { now: new Date(NOW) };
  world = await makeWorld(pool, clock);
});

const order = () => orderFacts(db, world.trustDomainId);
const facts = (after = 0) => factList(db, world.trustDomainId, { after, limit: 1_000 });
const FACT: Fact = {
  ...{ kind: "trust", change: "entered", status: "trusted", before: null },
  ...{ reason: "r", policyVersion: "1", fromMs: NOW },
};
const noted = (reason: string, nodeId: string | null = null) => ({
  id: randomUUID(),
  nodeId,
  at: clock.now,
  fact: { ...FACT, reason },
});
const reasons = async (after = 0) =>
  (await facts(after)).map(({ fact }) => (fact.kind === "trust" ? fact.reason : fact.kind));

async function send(bearer: string, ...documents: string[] | object[]) {
  const response = await world.send({
    bearer,
    path: "/api/v1/events",
    headers: BATCH,
    body: JSON.stringify(documents),
  });
  expect(response.json.rejected).toEqual([]);
}
const verdict = (status: string) =>
  cloudEvent("verdict", {
    schema: "touchstone.verdict/1",
    node: { id: "n1" },
    observedAt: clock.now.toISOString(),
    status,
  });

describe("the order of facts", () => {
  it("skips none whose transaction commits after later ones were told", async () => {
    const late = await pool.connect();
    await late.query("BEGIN");
    await factInsertAll(late, world.trustDomainId, [noted("noted first")]);
    await inTransaction(pool, (client) =>
      factInsertAll(client, world.trustDomainId, [noted("noted second")]),
    );
    await order();
    expect(await reasons()).toEqual(["noted second"]);
    const passed = (await facts()).at(-1)?.seq ?? 0;
    await late.query("COMMIT");
    late.release();
    await order();
    expect(await reasons(passed)).toEqual(["noted first"]);
  });

  it("keeps the facts of a node in the order of its lock, whichever transaction began first", async () => {
    const nodeId = randomUUID();
    await pool.query(
      "INSERT INTO node (trust_domain_id, id, display_name, first_seen_at, created_at) VALUES ($1, $2, 'n', $3, $3)",
      [world.trustDomainId, nodeId, clock.now],
    );
    const lock = "SELECT FROM node WHERE id = $1 FOR UPDATE";
    const [first, second] = [await pool.connect(), await pool.connect()];
    // The second has its transaction number and its clock before the first has the lock.
    await second.query("BEGIN");
    await second.query("SELECT pg_current_xact_id()");
    await first.query("BEGIN");
    await first.query(lock, [nodeId]);
    const waits = second.query(lock, [nodeId]);
    await factInsertAll(first, world.trustDomainId, [noted("first", nodeId)]);
    await first.query("COMMIT");
    await waits;
    await factInsertAll(second, world.trustDomainId, [noted("second", nodeId)]);
    await second.query("COMMIT");
    first.release();
    second.release();
    await order();
    expect(await reasons()).toEqual(["first", "second"]);
  });

  it("has neither gaps nor doubles when several give places at once", async () => {
    await inTransaction(pool, (client) =>
      factInsertAll(
        client,
        world.trustDomainId,
        Array.from({ length: 2_500 }, (_, index) => noted(String(index))),
      ),
    );
    for (let given = 1; given > 0; ) {
      const turns = await Promise.all([order(), order(), order()]);
      given = turns.reduce((sum, turn) => sum + (turn?.given ?? 0), 0);
    }
    const { rows } = await pool.query("SELECT seq::int FROM feed_fact ORDER BY seq");
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 2_500 }, (_, index) => index + 1));
  });

  it("tells of trust, of lives and of the audit log what was recorded, in events of the right shape", async () => {
    const lab = await world.addSource({ kind: "generic", authority: { introducesNodes: true } });
    await send(
      lab.bearer,
      verdict("affirming"),
      bootstrapDocument("n1", NOW, "enrollment.credential_issued"),
    );
    clock.now = new Date(NOW + 60_000);
    await send(lab.bearer, verdict("contraindicated"));
    await foldAllDue(pool, world.trustDomainId, clock.now);
    await auditInsert(db, {
      ...{
        trustDomainId: world.trustDomainId,
        id: randomUUID(),
        at: clock.now,
        actorKind: "system",
        actorId: "x",
      },
      ...{ action: "policy.save", entity: "policy", entityId: "p", outcome: "done", requestId: "r" },
    });
    await takeIn({ db, sealer: testSealer(), dataDir, now: () => clock.now }, world.trustDomainId);
    await order();
    const told = await facts();
    expect(told.flatMap(({ fact }) => (fact.kind === "trust" ? fact.status : []))).toEqual([
      "trusted",
      "failed",
    ]);
    expect(new Set(told.map(({ fact }) => fact.kind))).toEqual(new Set(["trust", "lifecycle", "audit"]));
    const emitter = { version: "1.8.0", productVersion: "1", url: null } as const;
    for (const item of told) {
      const event = ocsfOf(item, emitter);
      expect(event && ocsfFaults(event)).toEqual([]);
    }
    await order();
    expect(await facts()).toHaveLength(told.length);
  });
});

describe("forgetting", () => {
  const age = () => new Date(NOW + FACTS_KEPT_MS + 1);
  const addSink = (cursor: number, disabledAt: Date | null) =>
    pool.query(
      `INSERT INTO sink (trust_domain_id, id, name, kind, settings, ocsf_version, facts, disabled_at, created_at, revision,
         cursor, delivered, missed, failures)
       VALUES ($1, $2::uuid, $2::uuid::text, 'ndjson', '{}', '1.8.0', '{}', $3, $4, 1, $5, 0, 0, 0)`,
      [world.trustDomainId, randomUUID(), disabledAt, clock.now, cursor],
    );

  beforeEach(async () => {
    await inTransaction(pool, (client) =>
      factInsertAll(client, world.trustDomainId, [noted("1"), noted("2"), noted("3")]),
    );
    await order();
  });

  it("takes what is old, and nothing younger", async () => {
    await forgetFacts(db, world.trustDomainId, new Date(NOW + FACTS_KEPT_MS - 1));
    expect(await reasons()).toEqual(["1", "2", "3"]);
    await forgetFacts(db, world.trustDomainId, age());
    expect(await reasons()).toEqual([]);
  });

  it("waits for sinks that are on, and for no other", async () => {
    await addSink(1, null);
    await addSink(0, clock.now);
    await forgetFacts(db, world.trustDomainId, age());
    expect(await reasons()).toEqual(["2", "3"]);
    const { rows } = await pool.query("SELECT kept_from::int FROM feed_head");
    expect(rows).toEqual([{ kept_from: 2 }]);
  });

  it("takes what was told 400 days ago, whether facts are left or not, and nothing younger", async () => {
    const sinkId = randomUUID();
    const minute = new Date(NOW);
    await pool.query("INSERT INTO sink_delivery VALUES ($1, $2, $3, 1, 0, 0, 1)", [
      world.trustDomainId,
      sinkId,
      minute,
    ]);
    await pool.query("INSERT INTO sink_refusal VALUES ($1, $2, 1, $3, NULL)", [
      world.trustDomainId,
      sinkId,
      minute,
    ]);
    const left = async () =>
      (
        await pool.query(
          "SELECT (SELECT count(*)::int FROM sink_delivery) AS told, (SELECT count(*)::int FROM sink_refusal) AS refused",
        )
      ).rows[0];
    await forgetFacts(db, world.trustDomainId, age());
    await forgetFacts(db, world.trustDomainId, new Date(NOW + DELIVERIES_KEPT_MS));
    expect(await left()).toEqual({ told: 1, refused: 1 });
    await forgetFacts(db, world.trustDomainId, new Date(NOW + DELIVERIES_KEPT_MS + 1));
    expect(await left()).toEqual({ told: 0, refused: 0 });
  });
});
