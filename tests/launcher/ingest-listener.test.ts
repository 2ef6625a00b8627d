import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { migrate } from "#db/migrate";
import { ingestAnswers } from "#tests/ingest-answers";
import { startServer } from "#tests/prove/server";
import { ingestCredentials } from "#tests/prove/setup";
import { connect, open, query } from "./embedded.ts";
import { ROOT, type Started, start, tempDir } from "./processes.ts";

const CLI = join(ROOT, "cli/touchstone.ts");
const NOW = new Date();

async function installation() {
  const { url } = await open(await tempDir());
  await migrate(url);
  return { url, ...(await ingestCredentials(url)) };
}

const run = (command: string, url: string, args: string[] = [], env: Record<string, string> = {}): Started =>
  start(CLI, {
    args: [command, "--json", ...args],
    env: { DATABASE_URL: url, LOG_LEVEL: "fatal", PORT: "0", ...env },
  });

async function listener(url: string, args: string[] = [], env: Record<string, string> = {}) {
  const started = run("ingest-listener", url, args, env);
  const address = new URL(String((await started.result).url));
  return { ...started, port: Number(address.port), origin: address.origin };
}

async function stopped({ child, exit }: Started): Promise<number | string> {
  child.kill("SIGTERM");
  return exit;
}

describe("touchstone ingest-listener", () => {
  it("answers like the main server, and never with a fault of its own", { timeout: 180_000 }, async () => {
    const [one, other] = [await installation(), await installation()];
    const alone = await listener(one.url);
    const main = await startServer(other.url);
    onTestFinished(() => main.kill());
    const answers = await ingestAnswers(alone.port, one.secret, NOW);
    expect(answers).toEqual(await ingestAnswers(main.port, other.secret, NOW));
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    expect(answers.slice(0, 2)).toMatchObject([
      { status: 202, accepted: 1 },
      { status: 202, accepted: 0 },
    ]);
    expect(await stopped(alone)).toBe(0);
  });

  it("tells its health and its figures, and serves nothing else", async () => {
    const { url, secret } = await installation();
    const started = await listener(url);
    await ingestAnswers(started.port, secret, NOW);
    const get = (path: string) => fetch(`${started.origin}${path}`);
    expect((await get("/api/health/live")).status).toBe(200);
    expect(await (await get("/api/health/ready")).json()).toMatchObject({ status: "ok" });
    const metrics = await (await get("/metrics")).text();
    expect(metrics).toMatch(/touchstone_ingest_events_total\{outcome="accepted"\} [1-9]/);
    for (const path of ["/", "/login", "/api/v1/nodes"]) expect((await get(path)).status).toBe(404);
    await query(url, "DROP TABLE schema_migration");
    expect((await get("/api/health/ready")).status).toBe(503);
  });

  it("shares a port with others of its kind, and with nobody else", async () => {
    const { url } = await installation();
    const first = await listener(url, ["--share-port"]);
    const env = { PORT: String(first.port) };
    expect((await listener(url, ["--share-port"], env)).port).toBe(first.port);
    const alone = run("ingest-listener", url, [], env);
    expect(await alone.exit).toBe(1);
    expect(alone.stderr()).toContain("EADDRINUSE");
  });

  it("asks for a database instead of making one", async () => {
    const started = run("ingest-listener", "");
    expect(await started.exit).toBe(1);
    expect(started.stderr()).toContain("DATABASE_URL");
  });
});

describe("touchstone worker", () => {
  it("does the jobs until it is told to stop", async () => {
    const { url } = await installation();
    const started = run("worker", url);
    expect(await started.result).toMatchObject({ running: true });
    await expect
      .poll(async () => (await query(url, "SELECT count(*)::int AS n FROM verdict_partition"))[0]?.n, {
        timeout: 20_000,
      })
      .toBeGreaterThan(1);
    expect(await stopped(started)).toBe(0);
  });

  it("and the server end within seconds also where a job waits for ever", { timeout: 300_000 }, async () => {
    for (const begin of [startServer, beginWorker]) {
      const { url } = await installation();
      const holder = await connect(url);
      await holder.query("BEGIN; LOCK TABLE verdict_partition, lane IN ACCESS EXCLUSIVE MODE");
      const { stop } = await begin(url);
      await expect.poll(() => waiting(url), { timeout: 30_000 }).toBeGreaterThan(0);
      const asked = Date.now();
      await stop();
      expect(Date.now() - asked).toBeLessThan(60_000);
    }
  });
});

async function beginWorker(url: string): Promise<{ stop: () => Promise<unknown> }> {
  const started = run("worker", url);
  await started.result;
  return { stop: () => stopped(started) };
}

/** Statements that wait for a lock. */
async function waiting(url: string): Promise<unknown> {
  const rows = await query(
    url,
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
  );
  return rows[0]?.n;
}
