import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";

import { isAlive, processesIn, readPidFile } from "#db/embedded/processes";
import { eventually, ROOT, type Started, start, tempDir } from "#tests/launcher/processes";

const UP = join(ROOT, "tests/launcher/fixtures/up.ts");

const launch = (dir: string, env: Record<string, string> = {}) =>
  start(UP, { env: { PORT: "0", DATA_DIR: dir, ...env } });

async function health(run: Started): Promise<{ status: number; pid: number; host: string }> {
  const { url } = await run.result;
  const response = await fetch(`${url}/api/health/ready`);
  return { status: response.status, ...((await response.json()) as { pid: number; host: string }) };
}

async function databasePid(dir: string): Promise<number> {
  return (await readPidFile(join(dir, "postgres/data")))?.pid ?? 0;
}

async function expectNothingLeft(dir: string, pids: number[]): Promise<void> {
  for (const pid of pids) expect(await isAlive(pid)).toBe(false);
  expect(await processesIn(join(dir, "postgres/data"))).toEqual([]);
  expect(await readPidFile(join(dir, "postgres/data"))).toBeNull();
}

/** Occupy a port until the test is over. Returns it. */
async function busyPort(port = 0): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

describe("starting", () => {
  it("serves, and prints the address as the only thing on stdout", async () => {
    const dir = await tempDir();
    const run = launch(dir);
    const { url } = await run.result;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await health(run)).toMatchObject({ status: 200, host: new URL(String(url)).host });
    expect(run.stderr()).toMatch(/^ +\d+\.\d s {2}database started$/m);
  });

  it("prints the first administrator and the one-time password on the first run", async () => {
    const run = launch(await tempDir(), { FIRST_RUN: "1" });
    await eventually("the address is printed", () => run.stdout().includes("shown only now"));
    expect(run.stdout()).toMatch(
      /^Touchstone is ready: http:.*\nFirst administrator: admin@localhost\nOne-time password: {3}once /,
    );
  });

  it("does not lose the one-time password when the first start fails after making it", async () => {
    const run = launch(await tempDir(), { FIRST_RUN: "1", FAKE_SERVER: "exits" });
    expect(await run.exit).toBe(1);
    expect(run.stdout()).toMatch(/^First administrator: admin@localhost\nOne-time password: {3}once /);
  });

  it("uses the database of DATABASE_URL and starts none of its own", async () => {
    const [dir, otherDir] = [await tempDir(), await tempDir()];
    const holder = start(join(ROOT, "tests/launcher/fixtures/hold.ts"), {
      args: [JSON.stringify({ dataDir: otherDir, durable: false })],
    });
    const run = launch(dir, { DATABASE_URL: String((await holder.result).url) });
    expect((await health(run)).status).toBe(200);
    expect(await readdir(dir)).toEqual(["nextauth-secret"]);
  });

  it("asks the server for its health under the name that browsers use", async () => {
    const run = launch(await tempDir(), {
      TOUCHSTONE_URL: "https://trust.example",
      EXPECT_HOST: "trust.example",
    });
    expect(await run.result).toEqual({ url: "https://trust.example" });
  });

  it("refuses to be the second launcher of a directory: exit code 4, and the first keeps serving", async () => {
    const dir = await tempDir();
    const first = launch(dir);
    await first.result;
    const second = launch(dir);
    expect(await second.exit).toBe(4);
    expect(second.stderr()).toContain(`another Touchstone already runs on ${dir}`);
    expect((await health(first)).status).toBe(200);
  });

  it("keeps the secret in a file of mode 0600 inside a closed directory, the same on every start", async () => {
    const dir = join(await tempDir(), "data");
    await mkdir(dir, { mode: 0o755 });
    const secretFile = join(dir, "nextauth-secret");
    const secrets: string[] = [];
    for (const _ of [1, 2]) {
      const run = launch(dir);
      await run.result;
      secrets.push(await readFile(secretFile, "utf8"));
      expect((await stat(secretFile)).mode & 0o777).toBe(0o600);
      // 0710 when started by root: the database's group may pass through, not list.
      expect((await stat(dir)).mode & 0o067).toBe(0);
      run.child.kill("SIGTERM");
      expect(await run.exit).toBe(0);
      await chmod(secretFile, 0o644); // a restored backup, say
    }
    expect(secrets[0]).toBe(secrets[1]);
    expect(secrets[0]?.trim().length).toBeGreaterThanOrEqual(43);
  });

  it("does not take over a directory that holds other files", async () => {
    const dir = await tempDir();
    await writeFile(join(dir, "thesis.tex"), "");
    const run = launch(dir);
    expect(await run.exit).toBe(1);
    expect(run.stderr()).toContain("holds other files (thesis.tex)");
  });

  it("stops with a clear line when the port that was asked for is busy, before it starts anything", async () => {
    const dir = await tempDir();
    const port = await busyPort();
    const run = launch(dir, { PORT: String(port) });
    expect(await run.exit).toBe(1);
    expect(run.stderr()).toContain(`port ${port} on 127.0.0.1 is in use`);
    expect(run.stderr()).not.toContain("database");
  });

  it("takes a free port when only the default one is busy", async () => {
    await busyPort(3000).catch(() => {}); // somebody else may hold it already: as good
    const run = launch(await tempDir(), { PORT: "" });
    expect(new URL(String((await run.result).url)).port).not.toBe("3000");
  });

  it("stops the database when the server ends before it is ready, and says why", async () => {
    const dir = await tempDir();
    const run = launch(dir, { FAKE_SERVER: "exits" });
    expect(await run.exit).toBe(1);
    expect(run.stderr()).toContain("the server stopped before it was ready (exit 9)");
    await expectNothingLeft(dir, [run.pid]);
  });
});

describe("stopping", () => {
  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "on %s leaves no process and no pid file",
    async (signal) => {
      const dir = await tempDir();
      const run = launch(dir);
      const { pid } = await health(run);
      const pids = [run.pid, pid, await databasePid(dir)];
      run.child.kill(signal);
      expect(await run.exit).toBe(0);
      await expectNothingLeft(dir, pids);
    },
  );

  it("lets a request in flight finish with its database, also when the signal comes twice at once", async () => {
    const dir = await tempDir();
    const run = launch(dir);
    const slow = fetch(`${(await run.result).url}/slow`);
    await sleep(200); // until the request is in flight
    run.child.kill("SIGINT"); // a terminal sends it to all of us, and npm passes it on again
    await eventually("it stops", () => run.stderr().includes("stopping (SIGINT)"));
    await sleep(100);
    run.child.kill("SIGINT");
    expect((await slow).status).toBe(200);
    expect(await run.exit).toBe(0);
    await expectNothingLeft(dir, [run.pid]);
  });

  it("on Ctrl-C in a terminal, which signals the whole group, still stops the server in order", async () => {
    const dir = await tempDir();
    const run = start(UP, { group: true, env: { PORT: "0", DATA_DIR: dir } });
    const slow = fetch(`${(await run.result).url}/slow`);
    await sleep(200); // until the request is in flight
    process.kill(-run.pid, "SIGINT");
    expect((await slow).status).toBe(200);
    expect(await run.exit).toBe(0);
    await expectNothingLeft(dir, [run.pid]);
  });

  it("kills a server that hangs when someone asks again and means it", async () => {
    const dir = await tempDir();
    const run = launch(dir, { FAKE_SERVER: "hangs" });
    await run.result;
    run.child.kill("SIGINT");
    await sleep(2200); // longer than an echo of the same key press takes
    const askedMs = Date.now();
    run.child.kill("SIGINT");
    expect(await run.exit).toBe(0);
    expect(Date.now() - askedMs).toBeLessThan(15_000);
    await expectNothingLeft(dir, [run.pid]);
  });

  it("during the start leaves nothing behind either", async () => {
    const dir = await tempDir();
    const run = launch(dir);
    await eventually("the database is being made", () => run.stderr().includes("cluster"));
    run.child.kill("SIGTERM");
    expect(await run.exit).toBe(0);
    await expectNothingLeft(dir, [run.pid]);
  });
});

describe("when something is killed", () => {
  it("the launcher: the server ends by itself and the next start adopts the database", async () => {
    const dir = await tempDir();
    const first = launch(dir);
    const { pid } = await health(first);
    const database = await databasePid(dir);
    first.child.kill("SIGKILL");
    await eventually("the server ends", async () => !(await isAlive(pid)), 5000);
    const second = launch(dir);
    expect((await health(second)).status).toBe(200);
    expect(second.stderr()).toContain("took over the database that was running");
    expect(await databasePid(dir)).toBe(database);
  });

  it("the database: it comes back under the same server", async () => {
    const dir = await tempDir();
    const run = launch(dir);
    const before = await health(run);
    const database = await databasePid(dir);
    process.kill(database, "SIGKILL");
    await eventually("another database runs", async () => ![0, database].includes(await databasePid(dir)));
    await eventually("the server is ready again", async () => (await health(run)).status === 200);
    expect((await health(run)).pid).toBe(before.pid);
    expect(run.stderr()).toContain("starting it again");
    run.child.kill("SIGTERM");
    expect(await run.exit).toBe(0);
    await expectNothingLeft(dir, [run.pid, before.pid]);
  });

  it("the database, again and again: the launcher gives up and says so", async () => {
    const dir = await tempDir();
    const run = launch(dir);
    await run.result;
    let last = 0;
    for (let kills = 0; kills < 4; kills += 1) {
      last = await eventually("a new database runs", async () => {
        const pid = await databasePid(dir);
        const owned = run.stderr().split("database started").length - 1 === kills + 1;
        return owned && pid !== last && (await isAlive(pid)) ? pid : null;
      });
      process.kill(last, "SIGKILL");
    }
    expect(await run.exit).toBe(1);
    expect(run.stderr()).toContain("the database keeps stopping");
  });

  it("the server: the launcher stops the database, exits non-zero and says why", async () => {
    const dir = await tempDir();
    const run = launch(dir);
    const { url } = await run.result;
    const { pid } = await health(run);
    await fetch(`${url}/crash`).catch(() => {});
    expect(await run.exit).toBe(1);
    expect(run.stderr()).toContain("the server stopped by itself (exit 7)");
    await expectNothingLeft(dir, [run.pid, pid]);
  });
});
