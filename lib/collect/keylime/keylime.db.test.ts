import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfig } from "#lib/collect/config";
import { OPEN_AFTER } from "#lib/collect/pace";
import { readState, writeState } from "#lib/collect/state-file";
import { openTarget, type Target, type Timing } from "#lib/collect/target";
import { carriedLogs } from "#lib/domain/measured-boot/carried-logs";
import { readCarriedLog } from "#lib/domain/measured-boot/read-carried";
import { BANKS, smallBoot, writeAgileLog } from "#tests/event-log-writer";
import { type Clock, makeWorld, resetWorld, type World } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { CANARY, inventedKey, type KeylimeStub, type StubAgent, startKeylime } from "#tests/stubs/keylime";
import { keylimeCollector } from "./index.ts";
import { Memory } from "./memory.ts";

const { pool } = useDatabase();
const START_MS = Date.parse("2026-03-01T12:00:00Z");
const START = START_MS / 1000;
const PULL = "0c1f6f1e-6a53-4c0c-9a51-3f7e8d1c2b3a";
const PUSH = "5e600bce-a5cb-4f5a-bf08-46d0b45081c5";

const clock: Clock = { now: new Date(START_MS) };
const timing: Timing = { nowMs: () => clock.now.getTime(), random: () => 0, sleep: async () => {} };

let world: World;
let source: { id: string; bearer: string };
let touchstone: { server: Server; url: string; isDown: boolean; bodies: string[] };
let stub: KeylimeStub;
let dir: string;
let target: Target;

/** The real ingest handler behind a real HTTP port. */
async function startTouchstone(): Promise<typeof touchstone> {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
    touchstone.bodies.push(body.toString("utf8"));
    const { authorization } = request.headers;
    const {
      status,
      headers,
      body: text,
    } = touchstone.isDown
      ? { status: 503, headers: {}, body: "gone" }
      : await world.send({
          ...(authorization ? { bearer: authorization } : {}),
          path: request.url ?? "",
          headers: { "content-type": String(request.headers["content-type"]) },
          body,
        });
    response.writeHead(status, headers).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}`, isDown: false, bodies: [] };
}

const setup = (more: object = {}) => {
  const files = { caFile: join(dir, "ca"), certFile: join(dir, "cert"), keyFile: join(dir, "key") };
  const config = {
    touchstone: { url: touchstone.url },
    stateDir: join(dir, "state"),
    targets: [
      {
        name: "rack7",
        kind: "keylime",
        source: source.id,
        apiKeyFile: join(dir, "api-key"),
        verifier: { url: `${stub.url}/verifier`, ...files },
        registrar: { url: `${stub.url}/registrar`, ...files },
        ...more,
      },
    ],
  };
  const [first] = readConfig(JSON.stringify(config));
  if (!first) throw new Error("no target");
  return first;
};

beforeEach(async () => {
  clock.now = new Date(START_MS);
  await resetWorld(pool);
  world = await makeWorld(pool, clock);
  source = await world.addSource({ kind: "keylime", name: "rack7", staleAfterMs: 900_000 });
  touchstone = await startTouchstone();
  stub = await startKeylime();
  dir = await mkdtemp(join(tmpdir(), "touchstone-collect-"));
  await writeFile(join(dir, "ca"), stub.ca);
  await writeFile(join(dir, "cert"), stub.client.cert);
  await writeFile(join(dir, "key"), stub.client.key);
  await writeFile(join(dir, "api-key"), source.bearer.replace("Bearer ", ""));
  target = await openTarget(setup(), timing);
});
afterEach(async () => {
  await stub.close();
  touchstone.server.closeAllConnections();
  await new Promise((resolve) => touchstone.server.close(resolve));
  await rm(dir, { recursive: true });
});

const agent = (more: Partial<StubAgent> = {}): StubAgent => ({
  state: 3,
  status: "PASS",
  count: 10,
  quoteAt: START - 2,
  successAt: START - 2,
  eventId: null,
  severity: null,
  hasBootPolicy: true,
  hasRuntimePolicy: true,
  evidence: null,
  ...more,
});

/** Move the clock and the agent on, then poll. */
async function poll(seconds = 0, id?: string, more: Partial<StubAgent> = {}): Promise<void> {
  clock.now = new Date(clock.now.getTime() + seconds * 1000);
  if (id !== undefined) stub.agents.set(id, { ...agent(), ...stub.agents.get(id), ...more });
  await target.step(AbortSignal.timeout(10_000));
}
const now = () => clock.now.getTime() / 1000;
/** One more quote, a second ago, that passed. */
const quote = (more: Partial<StubAgent> = {}) => ({ quoteAt: now() + 29, successAt: now() + 29, ...more });

/** The lane's states in order, with the first code of each verdict behind them. */
const history = async (id = PULL) =>
  (
    await pool.query<{ state: string; code: string | null; coverage: string[] }>(
      `SELECT v.state, v.reasons->0->>'code' AS code FROM verdict v JOIN node_identity i
         ON i.trust_domain_id = v.trust_domain_id AND i.node_id = v.node_id
       WHERE i.value = $1 ORDER BY v.observed_at, v.received_at`,
      [id],
    )
  ).rows.map(({ state, code }) => `${state} ${code ?? ""}`.trim());
const laneState = async (id = PULL) =>
  (
    await pool.query<{ state: string }>(
      "SELECT l.state FROM lane l JOIN node_identity i ON i.node_id = l.node_id WHERE i.value = $1",
      [id],
    )
  ).rows.map(({ state }) => state);
const events = async () =>
  (
    await pool.query<{ type: string; reason_code: string | null }>(
      "SELECT type, reason_code FROM bootstrap_event ORDER BY occurred_at, type",
    )
  ).rows.map(({ type, reason_code }) => `${type} ${reason_code ?? ""}`.trim());

describe("a pull agent", () => {
  it("is trusted by its quotes, fails by its failure, and recovers only by a new success", async () => {
    await poll(0, PULL, {});
    expect(await history()).toEqual(["trusted"]);
    await poll(30, PULL, {
      state: 9,
      status: "FAIL",
      quoteAt: now() + 29,
      eventId: "ima.pcr_mismatch",
      severity: 6,
    });
    expect(await laneState()).toEqual(["failed"]);
    // Taken up again: Keylime says PASS before it has asked for anything.
    await poll(30, PULL, { state: 3, status: "PASS", eventId: null, severity: null });
    expect(await laneState()).toEqual(["failed"]);
    await poll(30, PULL, quote());
    expect(await history()).toEqual(["trusted", "failed ima.pcr_mismatch", "trusted"]);
  });

  it("is not reported well while the verifier retries, and is unreachable after three such polls", async () => {
    await poll(0, PULL, {});
    await poll(30, PULL, { state: 4, status: "PASS" });
    await poll(30);
    expect(await history()).toEqual(["trusted"]);
    await poll(30);
    expect(await history()).toEqual(["trusted", "stale keylime.unanswered"]);
    await poll(30, PULL, quote({ state: 3 }));
    expect(await laneState()).toEqual(["trusted"]);
  });

  it("is no longer trusted once the verifier does not list it", async () => {
    await poll(0, PULL, {});
    stub.agents.delete(PULL);
    await poll(30);
    await poll(30);
    expect(await history()).toEqual(["trusted", "stale keylime.not_listed"]);
  });

  it("has no more coverage than there are policies", async () => {
    await poll(0, PULL, {});
    await poll(30, PULL, quote({ hasBootPolicy: false, hasRuntimePolicy: false }));
    const { rows } = await pool.query("SELECT coverage FROM verdict ORDER BY observed_at");
    expect(rows.map(({ coverage }) => coverage)).toEqual([
      ["identity_key", "quote_signature", "measured_boot", "runtime_integrity"],
      ["identity_key", "quote_signature"],
    ]);
  });
});

describe("a push agent", () => {
  const evidence = { pcrs: { "7": `0x${"07".repeat(32)}` }, resets: 12, evaluation: "pass" as const };

  it("brings registers and boots, and its evidence is read once for each quote", async () => {
    await poll(0, PUSH, { state: null, evidence });
    await poll(30);
    await poll(30, PUSH, quote({ state: null, count: 11, evidence: { ...evidence, resets: 13 } }));
    const reads = stub.requests.filter((line) => line.includes("/v3/"));
    expect(reads).toHaveLength(2);
    const { rows } = await pool.query("SELECT items FROM measurement_set");
    expect(rows).toEqual([{ items: { "pcr/sha256/7": "07".repeat(32) } }]);
    expect(await events()).toEqual(["node.rebooted", "node.rebooted"]);
  });

  it("has its boot log passed on when that is asked for, and only then", async () => {
    const bootLog = Buffer.from(writeAgileLog(BANKS, smallBoot())).toString("base64");
    const logs = async () => {
      const { rows } = await pool.query<{ raw: Buffer }>("SELECT raw FROM verdict ORDER BY observed_at");
      return rows.map(({ raw }) =>
        carriedLogs(JSON.parse(raw.toString("utf8"))).map((log) => readCarriedLog(log).form),
      );
    };
    await poll(0, PUSH, { state: null, evidence: { ...evidence, bootLog } });
    expect(await logs()).toEqual([[]]);

    target = await openTarget(setup({ bootLogs: true }), timing);
    await poll(30, PUSH, quote({ count: 11, evidence: { ...evidence, bootLog } }));
    await poll(30, PUSH, quote({ count: 12, evidence: { ...evidence, bootLog: "A".repeat(262_145) } }));
    expect(await logs()).toEqual([[], ["tcg"], []]);
    expect(await readFile(join(dir, "state", "rack7.json"), "utf8")).not.toContain(bootLog);
  });

  it("is late, not gone, when the verifier gives up before its next quote is due", async () => {
    await poll(0, PUSH, { state: null, quoteAt: START - 1, successAt: START - 1 });
    await poll(60, PUSH, { quoteAt: now() + 59, successAt: now() + 59 });
    await poll(30, PUSH, { status: "TIMEOUT" });
    expect(target.status().warnings.join()).toContain("quote_interval");
    expect(await history(PUSH)).toEqual(["trusted", "trusted", "trusted"]);
    expect(await laneState(PUSH)).toEqual(["trusted"]);
    for (let minute = 0; minute < 5; minute += 1) await poll(60);
    expect((await history(PUSH)).at(-1)).toBe("stale keylime.timeout");
    expect(await laneState(PUSH)).toEqual(["stale"]);
  });

  it("holds a pass back for evidence that cannot be read now, but never a failure", async () => {
    stub.conduct.failEvidenceWith = 503;
    await poll(0, PUSH, { state: null, evidence });
    expect(await history(PUSH)).toEqual([]);
    await poll(30);
    await poll(30);
    expect(await history(PUSH)).toEqual(["trusted"]);
    await poll(30, PUSH, { status: "FAIL", quoteAt: now() + 29, count: 11 });
    expect(await laneState(PUSH)).toEqual(["failed"]);
  });
});

describe("a registrar", () => {
  const keys = { ek: inventedKey("ek"), aik: inventedKey("aik"), regcount: 1 };

  it("tells of enrolments and of the keys that name the node", async () => {
    stub.registrations.set(PULL, keys);
    await poll(0, PULL, {});
    stub.registrations.set(PULL, { ...keys, regcount: 2 });
    await poll(900, PULL, quote({ quoteAt: now() + 899, successAt: now() + 899 }));
    expect(await events()).toEqual(["enrollment.credential_issued", "enrollment.credential_renewed"]);
    const { rows } = await pool.query("SELECT kind FROM node_identity WHERE strong ORDER BY kind");
    expect(rows.map(({ kind }) => kind)).toEqual(["agent_uuid", "ak_sha256", "ek_sha256"]);
    expect((await pool.query("SELECT 1 FROM node")).rowCount).toBe(1);
  });

  it("raises the alarm for another TPM under the same id, whatever its quotes say, until a person accepts it", async () => {
    stub.registrations.set(PULL, keys);
    await poll(0, PULL, {});
    stub.registrations.set(PULL, { ek: inventedKey("other"), aik: inventedKey("other aik"), regcount: 2 });
    // It comes back under the same id: the entry is read at once, not at the next sweep.
    await poll(30, PULL, quote({ count: 1 }));
    expect(await events()).toEqual(["enrollment.credential_issued", "anomaly.identity tofu_conflict"]);
    expect(await history()).toEqual(["trusted", "failed keylime.ek_changed"]);
    await poll(30, PULL, quote({ count: 5 }));
    expect(await laneState()).toEqual(["failed"]);
    const { rows } = await pool.query("SELECT 1 FROM node_identity WHERE kind = 'ek_sha256'");
    expect(rows).toHaveLength(1);
    const { statePath, binding } = setup();
    const state = await readState(statePath, binding);
    const accepted = keylimeCollector.acceptIdentity?.(Memory.parse(state.memory), PULL);
    await writeState(statePath, binding, { ...state, memory: accepted });
    target = await openTarget(setup(), timing);
    await poll(30, PULL, quote({ count: 9 }));
    expect(await laneState()).toEqual(["trusted"]);
  });

  it("may be away without costing a verdict", async () => {
    target = await openTarget(setup({ name: "other", registrar: { url: "https://127.0.0.1:9" } }), timing);
    await poll(0, PULL, {});
    expect(await history()).toEqual(["trusted"]);
    expect(target.status()).toMatchObject({
      pollError: null,
      warnings: [expect.stringContaining("registrar: ")],
    });
  });
});

describe("a verifier that is away", () => {
  it("opens the breaker, invents nothing, and is seen to recover", async () => {
    await poll(0, PULL, {});
    const before = (await pool.query("SELECT * FROM verdict")).rows;
    stub.conduct.failWith = 503;
    for (let failure = 0; failure < OPEN_AFTER; failure += 1) {
      await poll(600);
      clock.now = new Date(Date.parse(target.status().nextPollAt));
    }
    expect(target.status()).toMatchObject({ failures: OPEN_AFTER, breaker: "half_open" });
    await poll();
    expect(target.status().breaker).toBe("open");
    const asked = stub.requests.length;
    await poll(1);
    expect(stub.requests.length).toBe(asked);
    expect((await pool.query("SELECT * FROM verdict")).rows).toEqual(before);
    stub.conduct.failWith = null;
    await poll(600, PULL, { quoteAt: now() + 599, successAt: now() + 599 });
    expect(target.status()).toMatchObject({ failures: 0, breaker: "closed", pollError: null });
    expect(await laneState()).toEqual(["trusted"]);
  });
});

describe("a Touchstone that is away", () => {
  it("gets the same bytes again, in order, after a restart of the collector too", async () => {
    touchstone.isDown = true;
    await poll(0, PULL, {});
    await poll(30, PULL, { state: 9, status: "FAIL", quoteAt: now() + 29, eventId: "ima.pcr_mismatch" });
    expect(target.status()).toMatchObject({ pending: 2, deliveryError: "Touchstone answered 503" });
    const [first] = touchstone.bodies;
    touchstone.isDown = false;
    touchstone.bodies = [];
    target = await openTarget(setup(), timing);
    await poll(60);
    expect(touchstone.bodies[0]).toBe(first);
    expect(await history()).toEqual(["trusted", "failed ima.pcr_mismatch"]);
    expect(target.status()).toMatchObject({ pending: 0, accepted: 2, duplicate: 0 });
  });

  it("is not told the same thing twice, by this run or the next", async () => {
    await poll(0, PULL, {});
    await poll(60);
    target = await openTarget(setup(), timing);
    await poll(60);
    expect(touchstone.bodies).toHaveLength(1);
  });
});

describe("secrets and manners", () => {
  it("forwards, stores and reports no share of a secret key, and sends nothing but GET", async () => {
    stub.registrations.set(PULL, { ek: inventedKey("ek"), aik: inventedKey("aik"), regcount: 1 });
    stub.agents.set(PUSH, agent({ state: null }));
    await poll(0, PULL, {});
    stub.conduct.failWith = 500;
    await poll(60);
    const files = await readdir(join(dir, "state"));
    const stored = await Promise.all(files.map((file) => readFile(join(dir, "state", file), "utf8")));
    for (const text of [...touchstone.bodies, ...stored, JSON.stringify(target.status())]) {
      expect(text).not.toContain(CANARY);
    }
    expect(touchstone.bodies).toHaveLength(1);
    expect(stub.requests.every((line) => line.startsWith("GET "))).toBe(true);
    for (const file of files) expect((await stat(join(dir, "state", file))).mode & 0o777).toBe(0o600);
  });

  it.each(["list", "nested"] as const)(
    "reads agents one by one where bulk reading is missing (%s), never more than five at a time",
    async (shape) => {
      stub.conduct.agents = shape;
      stub.conduct.delayMs = 5;
      stub.conduct.versions = null;
      for (let index = 0; index < 20; index += 1) {
        stub.agents.set(`0c1f6f1e-6a53-4c0c-9a51-3f7e8d1c${1000 + index}`, agent());
      }
      await poll();
      expect((await pool.query("SELECT 1 FROM verdict")).rowCount).toBe(20);
      expect(stub.mostOpen()).toBeLessThanOrEqual(5);
      expect(stub.requests).toContain("GET /verifier/v2.2/agents/?bulk=true");
    },
  );

  it("does not talk to a verifier that another authority vouches for", async () => {
    await writeFile(join(dir, "ca"), stub.client.cert);
    await poll(0, PULL, {});
    expect(target.status().pollError).toMatch(/certificate|issuer/i);
    expect(stub.requests).toEqual([]);
  });
});
