import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { useBench } from "#tests/stubs/collecting";
import { startHttp } from "#tests/stubs/http";
import { clientPool, jsonOf, limiter } from "./client.ts";
import { ConfigError, readConfig } from "./config.ts";
import type { Collector } from "./contract.ts";
import { batchesOf, halvesOf } from "./deliver.ts";
import { Endpoint } from "./endpoint.ts";
import { runCollectors } from "./run.ts";
import { readState, StateError, writeState } from "./state-file.ts";
import { openTarget } from "./target.ts";

const bench = useBench();
const soon = () => AbortSignal.timeout(10_000);

/** A collector that counts its polls and says what it is told to. */
const counting = (documents: (poll: number) => string[]): Collector => ({
  kind: "counting",
  settings: z.unknown(),
  memory: z.number(),
  interval: { minMs: 1000, maxMs: 1000 },
  async collect(_, memory) {
    const poll = Number(memory ?? 0) + 1;
    return { documents: documents(poll), memory: poll, changed: true, watched: poll, waitMs: null };
  },
});
const setup = (documents: (poll: number) => string[]) => ({
  ...bench.setup({ kind: "fdo", owner: { url: "http://127.0.0.1:9" } }),
  collector: counting(documents),
});

describe("delivery", () => {
  it.each([
    ["no answer of ours", { status: 404, body: "<html>" }, 1, 0],
    ["a wrong key", { status: 401, body: { code: "auth/required", detail: "no" } }, 1, 0],
    ["a disabled source", { status: 404, body: { code: "source/not-found" } }, 1, 0],
    ["a full house", { status: 429, body: { code: "rate/limited" } }, 1, 0],
    ["a database that is away", { status: 503, body: { code: "server/unavailable" } }, 1, 0],
    ["200 instead of 202", { status: 200, body: { accepted: 1, duplicate: 0, rejected: [] } }, 1, 0],
    ["a redirect", { status: 307, headers: { location: "http://127.0.0.1:9/" }, body: "" }, 1, 0],
    ["a refusal that was written down", { status: 422, body: { code: "event/claims", detail: "no" } }, 0, 1],
  ])("keeps what was said unless Touchstone has it: %s", async (_, answer, pending, refused) => {
    bench.answer = () => answer;
    const target = await openTarget(
      setup((poll) => [`{"n":${poll}}`]),
      bench.timing,
    );
    await target.step(soon());
    expect(target.status()).toMatchObject({ pending, refused });
    expect(target.status().deliveryError === null).toBe(pending === 0);
  });

  it("halves what is too large, in order, and gives up on a single document only", async () => {
    bench.answer = () => {
      const lines = bench.touchstone.requests.at(-1)?.body.split("\n") ?? [];
      const isTooLarge = lines.length > 2 || lines.includes('{"n":3}');
      return isTooLarge
        ? { status: 413, body: { code: "request/too-large" } }
        : { status: 202, body: { accepted: lines.length, duplicate: 0, rejected: [] } };
    };
    const target = await openTarget(
      setup(() => [1, 2, 3, 4, 5].map((n) => `{"n":${n}}`)),
      bench.timing,
    );
    await target.step(soon());
    const taken = bench.touchstone.requests.map(({ body }) => body.replace(/\D+/g, ""));
    expect(taken).toEqual(["12345", "123", "12", "3", "45"]);
    expect(target.status()).toMatchObject({ accepted: 4, refused: 1, pending: 0 });
  });

  it("stops asking while too much waits, so that a gap is made and nothing is lost", async () => {
    bench.answer = () => ({ status: 503, body: "" });
    const large = `{"x":"${"x".repeat(800_000)}"}`;
    const target = await openTarget(
      setup(() => [large, large, large, large]),
      bench.timing,
    );
    for (let step = 0; step < 15; step += 1) {
      bench.nowMs = target.nextAtMs();
      await target.step(soon());
    }
    const { watched: polls, pending } = target.status();
    expect(polls).toBeLessThan(5);
    expect(pending).toBe(polls * 4);
    bench.answer = () => ({ status: 202, body: { accepted: 1, duplicate: 0, rejected: [] } });
    bench.nowMs = target.nextAtMs();
    await target.step(soon());
    expect(target.status().pending).toBe(0);
  });

  it("reads its key anew each time and sends it to nobody else", async () => {
    const target = await openTarget(
      setup((poll) => [`{"n":${poll}}`]),
      bench.timing,
    );
    await target.step(soon());
    await writeFile(join(bench.dir, "api-key"), "ts_next");
    bench.nowMs = target.nextAtMs();
    await target.step(soon());
    expect(bench.touchstone.requests.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer ts_test",
      "Bearer ts_next",
    ]);
    expect(JSON.stringify(target.status())).not.toContain("ts_");
  });

  it("makes batches that hold every document once, in order, and fit into a request", () => {
    const documents = Array.from(
      { length: 1203 },
      (_, n) => `{"n":${n},"x":"${"y".repeat(n % 7 === 0 ? 9000 : 10)}"}`,
    );
    const batches = batchesOf(documents);
    expect(batches.join("\n").split("\n")).toEqual(documents);
    expect(batches.every((batch) => Buffer.byteLength(batch) <= 900 * 1024)).toBe(true);
    expect(Math.max(...batches.map((batch) => batch.split("\n").length))).toBe(500);
    expect(batches.flatMap(halvesOf).join("\n")).toBe(documents.join("\n"));
  });
});

describe("the state file", () => {
  it("is replaced as a whole, is private, and leaves no draft behind", async () => {
    const path = join(bench.dir, "deep/one.json");
    await writeState(path, "b", { memory: 1, outbox: ["a"] });
    await writeState(path, "b", { memory: 2, outbox: [] });
    expect(await readState(path, "b")).toMatchObject({ memory: 2, outbox: [] });
    expect(await readdir(dirname(path))).toEqual(["one.json"]);
  });

  it("is not used when it is damaged or another target's, because it may hold what was not delivered", async () => {
    const path = join(bench.dir, "one.json");
    await writeState(path, "b", { memory: 1, outbox: ["a"] });
    await expect(readState(path, "other")).rejects.toThrow(StateError);
    for (const text of ["", "{", '{"version":2}', (await readFile(path, "utf8")).slice(0, -1)]) {
      await writeFile(path, text);
      await expect(readState(path, "b")).rejects.toThrow(StateError);
    }
  });

  it("holds what was said before anything is sent", async () => {
    const one = setup(() => ['{"n":1}']);
    let stored = "";
    bench.answer = () => ({ status: 503, body: "" });
    const target = await openTarget(one, bench.timing);
    await target.step(soon());
    stored = await readFile(one.statePath, "utf8");
    expect(JSON.parse(stored)).toMatchObject({ memory: 1, outbox: ['{"n":1}'] });
  });
});

describe("asking", () => {
  const endpoint = (url: string) => Endpoint.parse({ url });
  const get = async (url: string, options?: { maxBytes?: number; timeoutMs?: number }) => {
    const pool = clientPool(soon());
    try {
      return await (await pool.open(endpoint(url))).get("x", options);
    } finally {
      pool.close();
    }
  };

  it("follows no redirect, reads no more than it wants, and waits no longer than it says", async () => {
    let answer: () => Promise<{ status?: number; headers?: Record<string, string>; body: string }> =
      async () => ({
        status: 302,
        headers: { location: bench.touchstone.url },
        body: "",
      });
    const server = await startHttp(() => answer());
    try {
      await expect(get(server.url)).rejects.toThrow("redirect (302)");
      expect(bench.touchstone.requests).toEqual([]);
      answer = async () => ({ body: "x".repeat(1001) });
      await expect(get(server.url, { maxBytes: 1000 })).rejects.toThrow("more than 1000 bytes");
      answer = async () => ({ body: "x", headers: { "content-encoding": "gzip" } });
      await expect(get(server.url)).rejects.toThrow("encoding gzip");
      answer = () => new Promise(() => {});
      await expect(get(server.url, { timeoutMs: 30 })).rejects.toThrow("no complete answer in 30 ms");
    } finally {
      await server.close();
    }
    await expect(get("http://127.0.0.1:9")).rejects.toMatchObject({ isTransient: true });
  });

  it("quotes neither an unacceptable document nor the body of a failure", () => {
    const secret = "hidden";
    for (const [status, body] of [
      [200, `{"v":"${secret}"`],
      [200, `${"[".repeat(40)}"${secret}"`],
      [500, secret],
    ] as const) {
      let message = "";
      try {
        jsonOf({ status, body: Buffer.from(body) }, "/x");
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toContain("GET /x");
      expect(message).not.toContain(secret);
    }
  });

  it("runs as many tasks as it may and no more, even when some fail", async () => {
    const limit = limiter(2);
    let [running, most] = [0, 0];
    const task = (index: number) =>
      limit(async () => {
        running += 1;
        most = Math.max(most, running);
        await Promise.resolve();
        running -= 1;
        if (index % 2) throw new Error("no");
      });
    const results = await Promise.allSettled(Array.from({ length: 9 }, (_, index) => task(index)));
    expect(results.filter(({ status }) => status === "rejected")).toHaveLength(4);
    expect(most).toBe(2);
  });
});

describe("the configuration", () => {
  const target = {
    name: "rack7",
    kind: "fdo",
    source: "3f0c1f6e-6a53-4c0c-9a51-3f7e8d1c2b3a",
    apiKeyFile: "/k",
    owner: { url: "https://owner.example" },
  };
  const config = (more: object = {}, rest: object = {}) =>
    JSON.stringify({
      touchstone: { url: "https://t.example" },
      stateDir: "/s",
      targets: [{ ...target, ...more }],
      ...rest,
    });

  it("names the first thing that is wrong with it", () => {
    expect(readConfig(config())).toHaveLength(1);
    const problems = [
      ["{", /is not JSON/],
      [config({ kind: "step-ca" }), /targets\.0\.kind: there is no collector step-ca/],
      [config({ kind: "constructor" }), /there is no collector/],
      [config({ name: "../up" }), /targets\.0\.name/],
      [config({ source: "rack7" }), /targets\.0\.source/],
      [config({ owner: undefined }), /targets\.0\.owner/],
      [config({ extra: 1 }), /targets\.0/],
      [config({}, { targets: [target, target] }), /used twice/],
      [config({}, { targets: [] }), /targets/],
      [config({}, { touchstone: { url: "http://t.example" } }), /touchstone\.url: must be an https address/],
      [config({ owner: { url: "https://u:p@owner.example" } }), /without password/],
      [config({ owner: { url: "https://owner.example/?x" } }), /query/],
      [config({ owner: { url: "http://10.0.0.1" } }), /https/],
    ] as const;
    for (const [text, message] of problems) {
      expect(() => readConfig(text)).toThrow(ConfigError);
      expect(() => readConfig(text)).toThrow(message);
    }
    expect(readConfig(config({ owner: { url: "http://[::1]:8080" } }))).toHaveLength(1);
  });

  it("is another target with another address, and the same one with other credentials", () => {
    const bindingOf = (more: object) => readConfig(config(more))[0]?.binding;
    expect(bindingOf({ owner: { url: "https://owner.example", caFile: "/ca" } })).toBe(bindingOf({}));
    expect(bindingOf({ owner: { url: "https://other.example" } })).not.toBe(bindingOf({}));
  });
});

describe("a run", () => {
  const options = { once: true, healthPath: null, report: () => {} };

  it("tells of a target that is in trouble without keeping the others from their work", async () => {
    const well = setup(() => ['{"n":1}']);
    const ill = { ...bench.setup({ name: "two", kind: "fdo", owner: { url: "http://127.0.0.1:9" } }) };
    const healthPath = join(bench.dir, "health.json");
    const health = await runCollectors([ill, well], {
      ...options,
      timing: bench.timing,
      signal: soon(),
      healthPath,
    });
    expect(health.healthy).toBe(false);
    expect(health.targets.map(({ pollError }) => pollError === null)).toEqual([false, true]);
    expect(JSON.parse(await readFile(healthPath, "utf8"))).toEqual(health);
    expect(bench.delivered()).toEqual([{ n: 1 }]);
  });

  it("ends quietly when it is told to stop, and loudly when it has a defect", async () => {
    const stop = new AbortController();
    const endless = { ...options, once: false, signal: stop.signal };
    const sleep = async () => {
      stop.abort();
      throw stop.signal.reason;
    };
    await runCollectors([setup(() => [])], { ...endless, timing: { ...bench.timing, sleep } });
    const broken = setup(() => {
      throw new TypeError("defect");
    });
    await expect(
      runCollectors([broken], { ...options, timing: bench.timing, signal: soon() }),
    ).rejects.toThrow("defect");
  });

  it("does not begin when a state file cannot be used", async () => {
    const one = setup(() => []);
    await mkdir(dirname(one.statePath), { recursive: true });
    await writeFile(one.statePath, "damaged");
    await chmod(one.statePath, 0o600);
    await expect(runCollectors([one], { ...options, timing: bench.timing, signal: soon() })).rejects.toThrow(
      "damaged",
    );
    expect(bench.touchstone.requests).toEqual([]);
  });
});
