import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import {
  BATCH,
  type Clock,
  cloudEvent,
  makeWorld,
  resetWorld,
  STRUCTURED,
  type World,
} from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { readState, stateDigest } from "#tests/state-digest";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;

let clock: Clock;
let world: World;
let generic: { id: string; bearer: string };

beforeEach(async () => {
  await resetWorld(pool);
  clock = { now: new Date(NOW) };
  world = await makeWorld(pool, clock);
  generic = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: 30 * MINUTE });
});

type Tier = "affirming" | "warning" | "contraindicated";

function verdict(node: string, atMs: number, tier: Tier = "affirming", more: Record<string, unknown> = {}) {
  return {
    schema: "touchstone.verdict/1",
    node: { id: node },
    observedAt: new Date(atMs).toISOString(),
    status: tier,
    coverage: ["measured_boot"],
    ...more,
  };
}

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

describe("refusing", () => {
  it("stores the good events of a batch and names the bad one by index and code", async () => {
    const response = await send([
      cloudEvent("verdict", verdict("n1", NOW - MINUTE)),
      { ...cloudEvent("verdict", verdict("n2", NOW - MINUTE)), specversion: "9" },
      cloudEvent("verdict", verdict("n3", NOW - MINUTE)),
    ]);
    expect(response.status).toBe(202);
    expect(response.json).toMatchObject({
      accepted: 2,
      rejected: [{ index: 1, problem: { code: "event/invalid", status: 422 } }],
    });
    const { rows } = await pool.query("SELECT code, category, n::int FROM rejected_event");
    expect(rows).toEqual([{ code: "event/invalid", category: "malformed", n: 1 }]);
  });

  it("answers a single bad event with its own problem and still records it", async () => {
    const body = JSON.stringify(cloudEvent("verdict", verdict("n1", NOW + 3_600_000)));
    const response = await world.send({ bearer: generic.bearer, headers: STRUCTURED, body });
    expect(response.status).toBe(422);
    expect(response.headers["content-type"]).toBe("application/problem+json");
    expect(response.json).toMatchObject({ code: "event/future", requestId: expect.any(String) });
    expect((await pool.query("SELECT code FROM rejected_event")).rows).toEqual([{ code: "event/future" }]);
    expect((await pool.query("SELECT 1 FROM node")).rows).toEqual([]);
  });

  it("counts the same refused bytes up instead of piling them up", async () => {
    const bad = cloudEvent("verdict", { schema: "nonsense" }, { id: "same" });
    await send([bad, bad]);
    await send([bad]);
    expect((await pool.query("SELECT n::int FROM rejected_event")).rows).toEqual([{ n: 3 }]);
  });

  it.each([
    ["no key", {}, 401, "auth/required"],
    ["an unknown key", { bearer: "Bearer nobody" }, 401, "auth/required"],
    ["a method that is not POST", { method: "GET" }, 405, "request/method-not-allowed"],
    [
      "a media type that is no CloudEvent",
      { headers: { "content-type": "text/plain" } },
      415,
      "request/unsupported-media-type",
    ],
    ["a body that is no JSON", { body: "{" }, 400, "request/malformed"],
    ["duplicate keys", { body: '[{"id":"a","id":"b"}]' }, 400, "request/malformed"],
    ["a NUL", { body: '["\\u0000"]' }, 400, "request/malformed"],
    ["a lone surrogate", { body: '["\\ud800"]' }, 400, "request/malformed"],
    ["nesting beyond 32", { body: `${"[".repeat(40)}${"]".repeat(40)}` }, 400, "request/malformed"],
    ["more than 1,000 events", { body: JSON.stringify(Array(1001).fill({})) }, 413, "batch/too-many"],
    ["a body over 1 MiB", { body: Buffer.alloc(1024 * 1024 + 1, 32) }, 413, "request/too-large"],
    [
      "broken gzip",
      { headers: { ...BATCH, "content-encoding": "gzip" }, body: "not gzip" },
      400,
      "request/malformed",
    ],
    [
      "a gzip bomb",
      { headers: { ...BATCH, "content-encoding": "gzip" }, body: gzipSync(Buffer.alloc(8 * 1024 * 1024)) },
      413,
      "request/too-large",
    ],
    [
      "backfill without its scope",
      { path: "/api/v1/events?backfill=true", body: "[]" },
      403,
      "auth/forbidden",
    ],
    [
      "another source's path",
      { path: "/api/v1/sources/11111111-1111-4111-8111-111111111111/deliver" },
      403,
      "source/wrong-key",
    ],
    ["a source id that is none", { path: "/api/v1/sources/x/deliver" }, 404, "source/not-found"],
  ])("refuses %s with a problem document", async (what, request, status, code) => {
    const bearer = what === "no key" ? {} : { bearer: generic.bearer };
    const response = await world.send({ ...bearer, headers: BATCH, body: "[]", ...request });
    expect([response.status, response.json.code]).toEqual([status, code]);
    expect(response.headers["content-type"]).toBe("application/problem+json");
  });

  it("never falls back to unsigned messages when the last key of a source is gone", async () => {
    const jwk = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };
    const signed = await world.addSource({
      kind: "generic",
      name: "signed",
      keys: [{ kid: "k", alg: "EdDSA", jwk }],
    });
    await pool.query("UPDATE source_key SET state = 'distrusted' WHERE source_id = $1", [signed.id]);
    const answer = await send([cloudEvent("verdict", verdict("n1", NOW - MINUTE))], signed.bearer);
    expect(answer.json).toMatchObject({ accepted: 0, rejected: [{ problem: { code: "event/key" } }] });
  });

  it("refuses the very bytes of one node under another node's name", async () => {
    const { exportJWK, generateKeyPair, SignJWT } = await import("jose");
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    const key = { kid: "k1", alg: "ES256", jwk: await exportJWK(publicKey) };
    const ear = await world.addSource({ kind: "ear", keys: [key] });
    const token = await new SignJWT({
      eat_profile: "tag:github.com,2023:veraison/ear",
      iat: Math.floor(NOW / 1000) - 10,
      "ear.verifier-id": { developer: "test", build: "1" },
      submods: { TPM: { "ear.status": "affirming", "ear.trustworthiness-vector": { executables: 2 } } },
    })
      .setProtectedHeader({ alg: "ES256" })
      .sign(privateKey);
    const event = (subject: string) =>
      cloudEvent("verdict", token, { subject, datacontenttype: "application/eat+jwt" });

    expect((await send([event("a")], ear.bearer)).json).toMatchObject({ accepted: 1, rejected: [] });
    const before = await stateDigest(pool);
    expect((await send([event("b")], ear.bearer)).json).toMatchObject({
      accepted: 0,
      rejected: [{ problem: { code: "event/replay" } }],
    });
    expect((await send([event("a")], ear.bearer)).json).toEqual({ accepted: 0, duplicate: 1, rejected: [] });
    expect(await stateDigest(pool)).toBe(before);
    // The operator sees for whom it was tried.
    expect((await pool.query("SELECT code, subject FROM rejected_event")).rows).toEqual([
      { code: "event/replay", subject: "b" },
    ]);
  });
});

describe("order of arrival", () => {
  const tiers: Tier[] = ["affirming", "warning", "contraindicated"];
  const history = fc.array(
    fc.record({
      node: fc.constantFrom("a", "b", "c"),
      // Coarse steps, so that equal instants, repeats and silences all happen.
      at: fc.integer({ min: 1, max: 60 }).map((step) => NOW - step * 7 * MINUTE),
      tier: fc.constantFrom(...tiers),
      submod: fc.constantFrom("", "gpu0"),
    }),
    { minLength: 1, maxLength: 40 },
  );

  it("leaves one state for any split, order and duplication of the same events", {
    timeout: 60_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.infiniteStream(fc.integer({ min: 0, max: 1000 })), async (list, salt) => {
        const events = list.map(({ node, at, tier, submod }) =>
          cloudEvent("verdict", verdict(node, at, tier, { submod })),
        );
        const digests = new Set<string>();
        for (const variant of ["whole", "shuffled"] as const) {
          await resetWorld(pool);
          world = await makeWorld(pool, clock);
          generic = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: 30 * MINUTE });
          if (variant === "whole") await send(events);
          else {
            const twice = [...events, ...events.slice(0, 5)].map((event) => ({
              event,
              key: salt.next().value ?? 0,
            }));
            const shuffled = twice.sort((a, b) => a.key - b.key).map(({ event }) => event);
            for (let start = 0; start < shuffled.length; ) {
              const size = 1 + ((salt.next().value ?? 0) % 12);
              await send(shuffled.slice(start, start + size));
              start += size;
            }
          }
          digests.add(await stateDigest(pool));
        }
        expect(digests.size).toBe(1);
      }),
      { numRuns: 25 },
    );
  });

  it("leaves one state when batches about the same new nodes race", async () => {
    const events = Array.from({ length: 40 }, (_, index) =>
      cloudEvent("verdict", verdict(`n${index % 8}`, NOW - index * MINUTE)),
    );
    await send(events);
    const alone = await stateDigest(pool);
    await resetWorld(pool);
    world = await makeWorld(pool, clock);
    generic = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: 30 * MINUTE });
    const parts = [0, 1, 2, 3].map((part) => events.filter((_, index) => index % 4 === part));
    const answers = await Promise.all([...parts, ...parts].map((part) => send(part)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(202));
    expect(await stateDigest(pool)).toBe(alone);
  });
});
