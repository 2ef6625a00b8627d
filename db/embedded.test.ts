import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";

import { borrowEmbedded, startEmbedded } from "#db/embedded";
import { announceOwner, claim, reach } from "#db/embedded/ownership";
import { isAlive, processesIn, readPidFile } from "#db/embedded/processes";
import { connect, hold, open, postmaster, query } from "#tests/launcher/embedded";
import { eventually, tempDir } from "#tests/launcher/processes";

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

  it("lets a start wait for a stop that is under way", async () => {
    const dataDir = await tempDir();
    const first = await open(dataDir);
    const stopping = first.stop();
    const second = await open(dataDir);
    await stopping;
    expect(await query(second.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
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

  it("outlives a crashed backend, and lets nobody in meanwhile", async () => {
    const dataDir = await tempDir();
    const database = await open(dataDir);
    const lockHolder = "SELECT pid FROM pg_locks WHERE locktype = 'advisory'";
    for (const _ of ["once", "twice"]) {
      const [before] = await query(database.url, lockHolder);
      process.kill(Number(before?.pid), "SIGKILL");
      await expect(startEmbedded({ dataDir, log: () => {} })).rejects.toMatchObject({ exitCode: 4 });
      await eventually("another connection holds the lock", async () => {
        const [now] = await query(database.url, lockHolder).catch(() => []);
        return now && now.pid !== before?.pid;
      });
    }
    expect(await Promise.race([database.lost, sleep(50, "kept")])).toBe("kept");
  });

  it("refuses a second owner that only the lock can tell: it sees another network", async () => {
    const dataDir = await tempDir();
    const database = await open(dataDir);
    const reached = await reach(join(dataDir, "postgres/run"));
    if (typeof reached !== "object") throw new Error("not reached");
    expect(await claim(reached)).toBe("refused");
    await reached.client.end();
    expect(await query(database.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("refuses a second owner also while the first one's database is down", async () => {
    const dataDir = await tempDir();
    const retire = await announceOwner(dataDir);
    await expect(startEmbedded({ dataDir, log: () => {} })).rejects.toMatchObject({ exitCode: 4 });
    expect(await readdir(dataDir)).toEqual([]);
    await retire();
    await open(dataDir);
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
