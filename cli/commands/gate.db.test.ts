/** `touchstone gate` in a process of its own, on a database and over HTTP. */

import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { GatePage } from "#lib/contracts/admission";
import { runCli } from "#tests/cli";
import { useDatabase } from "#tests/pg";
import { makeWorld, type World } from "#tests/world";

const { pool, url } = useDatabase();
let world: World;
let dir: string;
beforeAll(async () => {
  world = await makeWorld(pool);
  dir = await mkdtemp(join(tmpdir(), "touchstone-gate-"));
  await world.addNode({ name: "web-1" });
  await world.addNode({ name: "web-2", lastAt: new Date() });
  await world.addNode({ name: "db-1", status: "failed" });
  for (let index = 0; index < 205; index += 1) await world.addNode({ name: `many-${index}` });
  await world.addNode({ name: "many-last", status: "degraded" });
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const gate = (...args: string[]) =>
  runCli(["gate", ...args], { DATABASE_URL: url, LOG_LEVEL: "fatal", TOUCHSTONE_KEY: "" });

/** A server with these answers; its address. */
async function serving(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Each call starts a process of its own, on a machine that may be busy. */
describe("touchstone gate", { timeout: 240_000 }, () => {
  it("ends with 0 when all nodes meet it, and with 1 and the reasons when one does not", async () => {
    expect(await gate("--query", "web")).toMatchObject({
      status: 0,
      out: "met: 2 admitted, 0 with warnings, 0 denied\n",
    });
    const failed = await gate("--query", "db-1");
    expect(failed.status).toBe(1);
    expect(failed.out).toMatch(/^deny {2}db-1 \(.*\): Its trust status is failed: is failed\nnot met: /);
    expect((await gate("--query", "nothing-like-this")).status).toBe(1);
  });

  it("asks about every page of nodes", async () => {
    const { status, out } = await gate("--query", "many", "--json");
    const { nodes, passed } = JSON.parse(out) as { nodes: unknown[]; passed: boolean };
    expect([status, passed, nodes.length]).toEqual([1, false, 206]);
  });

  it("takes evidence only up to the age that is named, and writes a JUnit report", async () => {
    const file = join(dir, "junit.xml");
    const aged = await gate("--query", "web", "--max-age", "5m", "--junit", file);
    expect(aged.status).toBe(1);
    expect(aged.out).toContain("web-1");
    expect(await readFile(file, "utf8")).toContain('tests="2" failures="1"');
  });

  it("ends with 2 when it could not ask: no database, no server, no key, a refusal, an answer that is none", async () => {
    const noDatabase = { DATABASE_URL: "postgres://nobody@127.0.0.1:1/none", TOUCHSTONE_KEY: "" };
    expect((await runCli(["gate", "--query", ""], noDatabase)).status).toBe(2);
    expect((await gate("--query", "", "--url", "http://127.0.0.1:1", "--key", "k")).status).toBe(2);
    expect((await gate("--query", "", "--max-age", "1s")).status).toBe(2);
    const answers: [number, unknown][] = [
      [401, { detail: "Who are you?" }],
      [200, { items: [], total: 0 }],
    ];
    const address = await serving((_, response) => {
      const [status = 500, body] = answers.shift() ?? [];
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    const refused = await gate("--query", "", "--url", address, "--key", "k");
    expect([refused.status, refused.err]).toEqual([2, "touchstone: Who are you?\n"]);
    expect((await gate("--query", "", "--url", address, "--key", "k")).status).toBe(2);
  });

  it("asks over HTTP with the key, page by page", async () => {
    const seen: string[] = [];
    const page = (nextCursor: string | null): GatePage => ({
      items: [
        {
          id: "01a20000-0000-7000-8000-00000000000a",
          name: "n",
          status: "trusted",
          decision: "allow",
          reasons: [{ code: "met", answer: "allow", text: "fine" }],
        },
      ],
      total: 1,
      nextCursor,
    });
    const address = await serving((request, response) => {
      seen.push(`${request.url} ${request.headers.authorization}`);
      response.end(JSON.stringify(page(seen.length === 1 ? "next" : null)));
    });
    const met = await gate("--query", "role:web", "--url", address, "--key", "secret", "--max-age", "2m");
    expect(met.status).toBe(0);
    expect(seen).toEqual([
      "/api/v1/admission/nodes?q=role%3Aweb&require=trusted&limit=200&maxAgeSeconds=120 Bearer secret",
      "/api/v1/admission/nodes?q=role%3Aweb&require=trusted&limit=200&maxAgeSeconds=120&cursor=next Bearer secret",
    ]);
  });
});
