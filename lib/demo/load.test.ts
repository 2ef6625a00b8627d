import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { importJWK } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { earSource } from "#lib/sources/ear/index";
import { CHANNELS, type Channel } from "./history.ts";
import { sendWindow } from "./live.ts";
import { loadHistory } from "./load.ts";
import { Outbox } from "./outbox.ts";
import { makeDemoKey, makeSigner, publicJwk } from "./token.ts";
import { buildWorld } from "./world.ts";

type Received = {
  path: string;
  authorization: string;
  events: { id: string; data: unknown; subject?: string }[];
};

/** Takes everything, and remembers it. `failures` requests are answered with 503 first. */
class FakeServer {
  readonly requests: Received[] = [];
  failures = 0;
  breakAfter = Number.POSITIVE_INFINITY;
  #server: Server;

  constructor() {
    this.#server = createServer(async (request, response) => {
      const body = gunzipSync(await buffer(request)).toString("utf8");
      if (this.failures > 0) {
        this.failures -= 1;
        response.writeHead(503).end();
        return;
      }
      const ndjson = request.headers["content-type"] === "application/x-ndjson";
      const events = ndjson
        ? body
            .trim()
            .split("\n")
            .map((line) => ({ id: line, data: line }))
        : JSON.parse(body);
      this.requests.push({
        path: request.url ?? "",
        authorization: request.headers.authorization ?? "",
        events,
      });
      if (this.requests.length > this.breakAfter) {
        // Stored, but the sender never learns.
        request.socket.destroy();
        return;
      }
      response.writeHead(202, { "content-type": "application/json" });
      response.end(JSON.stringify({ accepted: events.length, duplicate: 0, rejected: [] }));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const byChannel = <T>(value: (channel: Channel) => T) =>
  Object.fromEntries(CHANNELS.map((channel) => [channel, value(channel)])) as Record<Channel, T>;

describe("loading the history", () => {
  const world = buildWorld({ seed: 1, nodes: 40, days: 2, endMs: Date.parse("2026-03-15T12:00:00Z") });
  const keys = { "lab-verifier": makeDemoKey("lab-1"), "cloud-verifier": makeDemoKey("cloud-1") };
  const pack = {
    sourceIds: byChannel((channel) => `id-of-${channel}`),
    signers: {
      "lab-verifier": makeSigner(keys["lab-verifier"]),
      "cloud-verifier": makeSigner(keys["cloud-verifier"]),
    },
  };
  let server: FakeServer;
  let dir: string;

  beforeEach(async () => {
    server = new FakeServer();
    dir = await mkdtemp(join(tmpdir(), "touchstone-demo-"));
  });
  afterEach(async () => {
    server.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const load = async (url: string, signal = new AbortController().signal) => {
    const outbox = new Outbox(dir);
    await outbox.open();
    const target = { url, apiKeys: byChannel((channel) => `key-of-${channel}`), signal };
    return loadHistory(world, { target, pack, outbox, onProgress: () => {}, onStage: () => {} });
  };

  it("sends each channel with its own key, identities first, in batches that the server takes", async () => {
    server.failures = 2;
    const totals = await load(await server.start());
    const sent = server.requests.flatMap(({ events }) => events);
    expect(totals.accepted).toBe(sent.length);
    expect(Math.max(...server.requests.map(({ events }) => events.length))).toBeLessThanOrEqual(1000);
    const order = server.requests.map(({ authorization }) => authorization.replace("Bearer key-of-", ""));
    expect(order.slice(0, 2)).toEqual(["provisioner", "spire"]);
    expect(new Set(order)).toEqual(new Set(CHANNELS));
    expect(server.requests.every(({ path }) => path.endsWith("?backfill=true"))).toBe(true);
  });

  it("signs tokens that the EAR source accepts with the registered public key", async () => {
    await load(await server.start());
    const { authorization = "", events = [] } =
      server.requests.find(
        ({ events }) => typeof events[0]?.data === "string" && String(events[0].data).startsWith("ey"),
      ) ?? {};
    const channel = authorization.endsWith("lab-verifier") ? "lab-verifier" : "cloud-verifier";
    const jwk = publicJwk(keys[channel]);
    expect(jwk).not.toHaveProperty("d");
    const { KeyObject } = await import("node:crypto");
    const key = KeyObject.from((await importJWK(jwk, "ES256")) as CryptoKey);
    const context = {
      keys: [{ kid: keys[channel].kid, alg: "ES256", key }],
      settings: earSource.defaults,
      nowMs: world.endMs,
      backfill: true,
    };
    for (const { data, subject = null } of events.slice(0, 20)) {
      const mediaType = "application/eat+jwt";
      const message = { body: Buffer.from(String(data)), mediaType, subject, headers: new Map() };
      const { items, rejections } = await earSource.interpret(message, context);
      expect(rejections).toEqual([]);
      expect(items[0]).toMatchObject({
        kind: "verdict",
        verdict: { identities: [{ kind: "custom", value: subject }] },
      });
    }
  });

  it("goes on after an interruption with the very bytes that were under way", async () => {
    const url = await server.start();
    server.breakAfter = 2;
    const cut = new AbortController();
    const first = load(url, cut.signal).catch(() => "cut");
    while (server.requests.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
    cut.abort();
    expect(await first).toBe("cut");
    server.breakAfter = Number.POSITIVE_INFINITY;
    await load(url);
    const bytesById = new Map<string, Set<string>>();
    for (const { events } of server.requests) {
      for (const { id, data } of events)
        bytesById.set(id, (bytesById.get(id) ?? new Set()).add(JSON.stringify(data)));
    }
    expect([...bytesById.values()].filter((bytes) => bytes.size > 1)).toEqual([]);
  });

  it("says what the server did not like", async () => {
    const refusing = createServer((_, response) =>
      response.writeHead(403).end(JSON.stringify({ title: "No", detail: "wrong scope" })),
    );
    await new Promise<void>((resolve) => refusing.listen(0, "127.0.0.1", resolve));
    const { port } = refusing.address() as AddressInfo;
    await expect(load(`http://127.0.0.1:${port}`)).rejects.toThrow(
      "the server refused a provisioner request: 403 No: wrong scope",
    );
    refusing.close();
  });

  it("sends live events without the backfill mark", async () => {
    const target = {
      url: await server.start(),
      apiKeys: byChannel(() => "key"),
      signal: new AbortController().signal,
    };
    const sent = await sendWindow(
      world,
      { fromMs: world.endMs, toMs: world.endMs + 600_000 },
      { target, pack },
    );
    expect(sent).toBeGreaterThan(30);
    expect(server.requests.some(({ path }) => path.includes("backfill"))).toBe(false);
  });
});
