import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import {
  BATCH,
  type Clock,
  cloudEvent,
  makeWorld,
  resetWorld,
  STRUCTURED,
  verdictDocument as verdict,
  type World,
} from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { stateDigest } from "#tests/state-digest";

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
    const tokenOf = (ageSeconds: number) =>
      new SignJWT({
        eat_profile: "tag:github.com,2023:veraison/ear",
        iat: Math.floor(NOW / 1000) - ageSeconds,
        "ear.verifier-id": { developer: "test", build: "1" },
        submods: { TPM: { "ear.status": "affirming", "ear.trustworthiness-vector": { executables: 2 } } },
      })
        .setProtectedHeader({ alg: "ES256" })
        .sign(privateKey);
    const token = await tokenOf(10);
    const event = (subject: string, data = token) =>
      cloudEvent("verdict", data, { subject, datacontenttype: "application/eat+jwt" });

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

    // Hidden in a batch that is taken for new, because none of the few that are looked up is known.
    const fresh = await Promise.all(Array.from({ length: 40 }, (_, age) => tokenOf(20 + age)));
    const batch = fresh.map((data, index) => event(`fresh-${index}`, data));
    batch.splice(1, 0, event("c"));
    expect((await send(batch, ear.bearer)).json).toMatchObject({
      accepted: 40,
      rejected: [{ index: 1, problem: { code: "event/replay" } }],
    });
    expect((await pool.query("SELECT 1 FROM node WHERE display_name = 'c'")).rows).toEqual([]);
  });
});
