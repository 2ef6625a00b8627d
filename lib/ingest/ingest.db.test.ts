import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import {
  BATCH,
  type Clock,
  cloudEvent,
  makeWorld,
  resetWorld,
  verdictDocument as verdict,
  type World,
} from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { readState } from "#tests/state-digest";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const clock: Clock = { now: new Date(NOW) };

let world: World;
let generic: { id: string; bearer: string };

async function begin(): Promise<void> {
  await resetWorld(pool);
  clock.now = new Date(NOW);
  world = await makeWorld(pool, clock);
  generic = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: 30 * MINUTE });
}
beforeEach(begin);

const send = (events: unknown[], bearer = generic.bearer) =>
  world.send({ bearer, headers: BATCH, body: JSON.stringify(events) });
const sendVerdicts = (...verdicts: unknown[]) => send(verdicts.map((data) => cloudEvent("verdict", data)));

async function believed(node: string) {
  const { rows } = await pool.query(
    `SELECT i.state, i.valid_from, i.valid_to, i.n::int, i.source_id = '00000000-0000-0000-0000-000000000000' AS fused
     FROM trust_interval i JOIN node ON node.id = i.node_id
     WHERE node.display_name = $1 AND i.recorded_to IS NULL ORDER BY i.valid_from`,
    [node],
  );
  const minutes = (at: Date | null) => at && (at.getTime() - NOW) / MINUTE;
  const line = (fused: boolean) =>
    rows
      .filter((row) => row.fused === fused)
      .map((row) => [row.state, minutes(row.valid_from), minutes(row.valid_to)]);
  return { lane: line(false), trust: line(true) };
}

describe("storing verdicts", () => {
  it("turns a run of verdicts into intervals and the node's status", async () => {
    const response = await sendVerdicts(
      verdict("n1", NOW - 60 * MINUTE),
      verdict("n1", NOW - 50 * MINUTE),
      verdict("n1", NOW - 40 * MINUTE, "contraindicated"),
      verdict("n1", NOW - 35 * MINUTE, "contraindicated"),
    );
    expect(response).toMatchObject({ status: 202, json: { accepted: 4, duplicate: 0, rejected: [] } });
    const { lane, trust } = await believed("n1");
    expect(lane).toEqual([
      ["trusted", -60, -40],
      ["failed", -40, null],
    ]);
    expect(trust).toEqual(lane);
    const { rows } = await pool.query("SELECT status, since FROM node_state");
    expect(rows).toEqual([{ status: "failed", since: new Date(NOW - 40 * MINUTE) }]);
  });

  it("writes only counters of the hot row for a repeat of the same statement", async () => {
    await sendVerdicts(verdict("n1", NOW - 20 * MINUTE));
    const before = await pool.query(
      "SELECT xmin::text FROM trust_interval UNION ALL SELECT xmin::text FROM node_state",
    );
    await sendVerdicts(verdict("n1", NOW - 10 * MINUTE), verdict("n1", NOW - 5 * MINUTE));
    const after = await pool.query(
      "SELECT xmin::text FROM trust_interval UNION ALL SELECT xmin::text FROM node_state",
    );
    // The node's row is locked for the decision but not rewritten.
    expect(after.rows).toEqual(before.rows);
    const { rows } = await pool.query("SELECT n::int, last_at FROM lane");
    expect(rows).toEqual([{ n: 3, last_at: new Date(NOW - 5 * MINUTE) }]);
  });

  it("draws a silence between two verdicts as a gap", async () => {
    await sendVerdicts(verdict("n1", NOW - 300 * MINUTE), verdict("n1", NOW - 10 * MINUTE));
    expect((await believed("n1")).trust).toEqual([
      ["trusted", -300, -270],
      ["stale", -270, -10],
      ["trusted", -10, null],
    ]);
  });

  it("lets a late verdict change history without rewriting what was known before", async () => {
    await sendVerdicts(verdict("n1", NOW - 60 * MINUTE), verdict("n1", NOW - 40 * MINUTE));
    clock.now = new Date(NOW + MINUTE);
    await sendVerdicts(verdict("n1", NOW - 50 * MINUTE, "warning"));
    expect((await believed("n1")).trust).toEqual([
      ["trusted", -60, -50],
      ["degraded", -50, -40],
      ["trusted", -40, null],
    ]);
    const { rows } = await pool.query(
      `SELECT state, valid_from FROM trust_interval
       WHERE source_id <> '00000000-0000-0000-0000-000000000000' AND recorded_from <= $1 AND (recorded_to IS NULL OR recorded_to > $1)`,
      [new Date(NOW)],
    );
    expect(rows).toEqual([{ state: "trusted", valid_from: new Date(NOW - 60 * MINUTE) }]);
  });

  it("counts the same event sent again as a duplicate and changes nothing", async () => {
    const event = cloudEvent("verdict", verdict("n1", NOW - MINUTE));
    await send([event]);
    const before = await readState(pool);
    const again = await send([event, event]);
    expect(again.json).toEqual({ accepted: 0, duplicate: 2, rejected: [] });
    expect(await readState(pool)).toEqual(before);
  });

  it("keeps the received bytes, their digest and the measurements", async () => {
    await sendVerdicts(verdict("n1", NOW - MINUTE, "affirming", { measurements: { "pcr/sha256/7": "aa" } }));
    const { rows } = await pool.query(
      `SELECT v.raw, encode(v.raw_sha256, 'hex') = encode(sha256(v.raw), 'hex') AS digest_ok, m.items
       FROM verdict v JOIN measurement_set m ON m.digest = v.measurement_digest`,
    );
    expect(rows).toMatchObject([{ digest_ok: true, items: { "pcr/sha256/7": "aa" } }]);
    expect(JSON.parse(rows[0].raw.toString())).toMatchObject({ node: { id: "n1" } });
  });

  it("accepts gzip", async () => {
    const body = gzipSync(JSON.stringify([cloudEvent("verdict", verdict("n1", NOW - MINUTE))]));
    const response = await world.send({
      bearer: generic.bearer,
      headers: { ...BATCH, "content-encoding": "gzip" },
      body,
    });
    expect(response).toMatchObject({ status: 202, json: { accepted: 1 } });
  });

  it("counts what a source sent in the rollup of its bucket", async () => {
    const event = cloudEvent("verdict", verdict("n1", NOW - MINUTE));
    await send([event, event, cloudEvent("verdict", { schema: "nonsense" })]);
    const { rows } = await pool.query(
      "SELECT accepted::int, duplicate::int, rejected::int, affirming::int, bucket FROM rollup",
    );
    expect(rows).toEqual([{ accepted: 1, duplicate: 1, rejected: 1, affirming: 1, bucket: new Date(NOW) }]);
  });
});

describe("plans", () => {
  const scans = async () => {
    await pool.query("SELECT pg_stat_force_next_flush()");
    const { rows } = await pool.query(
      `SELECT sum(seq_scan)::int AS n FROM pg_stat_user_tables
       WHERE relname IN ('node_identity', 'lane', 'trust_interval') OR relname LIKE 'verdict\\_%'`,
    );
    return rows[0].n as number;
  };

  it("never reads a growing table from end to end, even with plans made while it was tiny", async () => {
    // Making the month's partition reads its (empty) table once for each index.
    await sendVerdicts(verdict("first", NOW - 30 * MINUTE));
    await pool.query("ANALYZE");
    const before = await scans();
    // Past the fifth execution a prepared statement keeps one plan for good.
    for (let batch = 0; batch < 8; batch += 1) {
      await sendVerdicts(
        ...Array.from({ length: 30 }, (_, index) => verdict(`n${index}`, NOW - (20 - batch) * MINUTE)),
      );
    }
    expect(await scans()).toBe(before);
  });
});

describe("several sources and submodules", () => {
  it("gives a node the worst of what its sources say and keeps their lanes apart", async () => {
    const cloud = await world.addSource({ kind: "generic", name: "cloud", staleAfterMs: null });
    await sendVerdicts(verdict("n1", NOW - 10 * MINUTE));
    await send([cloudEvent("verdict", verdict("n1", NOW - 5 * MINUTE, "contraindicated"))], cloud.bearer);
    const { rows } = await pool.query("SELECT status, reason FROM node_state");
    expect(rows).toMatchObject([{ status: "failed", reason: expect.stringMatching(/^cloud: /) }]);
    const lanes = await pool.query("SELECT state FROM lane ORDER BY state");
    expect(lanes.rows).toEqual([{ state: "failed" }, { state: "trusted" }]);
  });

  it("links the aliases of one node and refuses an event that would merge two", async () => {
    const bootstrap = (identities: object[]) =>
      cloudEvent("bootstrap", {
        schema: "touchstone.bootstrap/1",
        type: "provisioning.registered",
        outcome: "success",
        occurredAt: new Date(NOW - 60 * MINUTE).toISOString(),
        identities,
      });
    const custom = (value: string) => ({ kind: "custom", value });
    await send([bootstrap([custom("n1"), { kind: "spiffe_id", value: "spiffe://x/n1" }])]);
    await sendVerdicts(verdict("n1", NOW - MINUTE));
    expect((await pool.query("SELECT count(*)::int AS n FROM node")).rows).toEqual([{ n: 1 }]);

    await sendVerdicts(verdict("n2", NOW - MINUTE));
    const clash = await send([bootstrap([custom("n1"), custom("n2")])]);
    expect(clash.json.rejected).toMatchObject([{ index: 0, problem: { code: "event/identity-conflict" } }]);
    expect((await pool.query("SELECT count(*)::int AS n FROM node")).rows).toEqual([{ n: 2 }]);
  });

  it("shows a node that began to enrol and was never attested as pending from its first sign on", async () => {
    await send([
      cloudEvent("bootstrap", {
        schema: "touchstone.bootstrap/1",
        type: "enrollment.requested",
        outcome: "pending",
        occurredAt: new Date(NOW - 60 * MINUTE).toISOString(),
        identities: [{ kind: "custom", value: "n1" }],
      }),
    ]);
    expect((await believed("n1")).trust).toEqual([["pending", -60, null]]);
    await sendVerdicts(verdict("n1", NOW - 10 * MINUTE));
    expect((await believed("n1")).trust).toEqual([
      ["pending", -60, -10],
      ["trusted", -10, null],
    ]);
  });

  it("keeps a failed enrolment that names nobody without inventing a node", async () => {
    const response = await send([
      cloudEvent("bootstrap", {
        schema: "touchstone.bootstrap/1",
        type: "enrollment.failed",
        outcome: "failure",
        occurredAt: new Date(NOW - MINUTE).toISOString(),
        identities: [{ kind: "ip", value: "10.0.0.7" }],
      }),
    ]);
    expect(response.json.accepted).toBe(1);
    expect((await pool.query("SELECT node_id FROM bootstrap_event")).rows).toEqual([{ node_id: null }]);
    expect((await pool.query("SELECT 1 FROM node")).rows).toEqual([]);
  });
});

describe("a batch that is taken for new", () => {
  const fleet = (from: number) =>
    Array.from({ length: 40 }, (_, index) => verdict(`n${index}`, NOW - (from + index) * 1_000));

  it("is known again, one verdict or all, whichever of them are looked up first", async () => {
    await sendVerdicts(...fleet(0));
    const before = await readState(pool);
    expect((await sendVerdicts(...fleet(0))).json).toMatchObject({ accepted: 0, duplicate: 40 });
    expect(await readState(pool)).toEqual(before);
    // Twenty-three places later not one of the few that are looked up is the known one.
    const [, known] = fleet(0);
    const mixed = [...fleet(100).slice(0, 23), known, ...fleet(100).slice(23)];
    expect((await sendVerdicts(...mixed)).json).toMatchObject({ accepted: 40, duplicate: 1 });
  });
});
