import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, chown, lstat, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { join } from "node:path";

import { bareEnv, exists, type RunAs } from "#db/embedded/binaries";
import { EmbeddedError } from "#db/embedded/errors";
import type { Isolation } from "#db/embedded/isolation";
import { SUPERUSER } from "#db/embedded/ownership";
import { isAlive } from "#db/embedded/processes";

/** Longest path a Unix socket may have on Linux, without the final zero. Bytes. */
const SOCKET_PATH_MAX = 107;

/** The name PostgreSQL gives its socket; the number is a label, no TCP port is opened. */
const SOCKET_NAME = ".s.PGSQL.5432";

/** Size at which a start sets the log aside. Bytes. */
const LOG_MAX = 10 * 1024 * 1024;

/** Stops PostgreSQL when whoever holds the other end of fd 3 is gone, however it went. */
const WATCHDOG =
  '"$@" & p=$!; trap "kill -INT $p" INT TERM; (read -r _ <&3; kill -INT $p) & exec 3<&-; wait $p; wait $p';

/** Start a program as the isolation says: own session, so that Ctrl-C in a terminal does not reach it. */
function spawnAs(runAs: RunAs, command: readonly string[], logFd: number, watchdog = false): ChildProcess {
  const wrapped = [
    ...(watchdog ? ["/bin/sh", "-c", WATCHDOG, "sh"] : []),
    ...(runAs.prefix ?? []),
    ...command,
  ];
  const [file = "", ...args] = wrapped;
  const child = spawn(file, args, {
    cwd: "/",
    detached: true,
    env: bareEnv(),
    // A file and not a pipe: the database must be able to log when we are gone.
    stdio: ["ignore", logFd, logFd, ...(watchdog ? (["pipe"] as const) : [])],
    ...(runAs.uid === undefined ? {} : { uid: runAs.uid }),
    ...(runAs.gid === undefined ? {} : { gid: runAs.gid }),
  });
  return child;
}

/**
 * Where the socket lives: inside `home`, or in a short private directory when that path is too
 * long for a socket address.
 *
 * @throws EmbeddedError when the short directory exists and is not ours alone
 */
export async function prepareSocketDir(home: string, runAs: RunAs): Promise<string> {
  const inside = join(home, "run");
  const fits = Buffer.byteLength(join(inside, SOCKET_NAME)) <= SOCKET_PATH_MAX;
  const hash = createHash("sha256").update(home).digest("hex").slice(0, 12);
  const candidates = [tmpdir(), "/tmp"].map((base) => join(base, `touchstone-${hash}`));
  const short = candidates.find((dir) => Buffer.byteLength(join(dir, SOCKET_NAME)) <= SOCKET_PATH_MAX);
  const dir = fits ? inside : (short ?? inside);

  const owner = runAs.uid ?? process.geteuid?.() ?? 0;
  const made = await mkdir(dir, { mode: 0o700 }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );
  if (made && runAs.uid !== undefined && runAs.gid !== undefined) await chown(dir, runAs.uid, runAs.gid);
  const found = await lstat(dir);
  if (!found.isDirectory() || found.uid !== owner || (found.mode & 0o077) !== 0) {
    throw new EmbeddedError(`${dir} is not a private directory of uid ${owner}; remove it and start again`);
  }
  return dir;
}

/**
 * Create the cluster unless it exists. A start that is killed half-way leaves nothing behind that
 * looks like a cluster: it is made under another name and renamed when complete.
 *
 * @param durable false leaves writing to disk to the system; only for throw-away clusters
 */
export async function ensureCluster(isolation: Isolation, durable: boolean): Promise<{ created: boolean }> {
  const { home, native, runAs } = isolation;
  const data = join(home, "data");
  if (await exists(join(data, "PG_VERSION"))) {
    const found = (await readFile(join(data, "PG_VERSION"), "utf8")).trim();
    const wanted = await majorVersion(native);
    if (found !== wanted) {
      throw new EmbeddedError(
        `${data} was made by PostgreSQL ${found}, this is ${wanted}; restore a backup into a new data directory`,
      );
    }
    return { created: false };
  }
  for (const entry of await readdir(home)) {
    const [, pid] = /^initdb-(\d+)$/.exec(entry) ?? [];
    if (pid && !(await isAlive(Number(pid)))) await rm(join(home, entry), { recursive: true });
  }
  const partial = join(home, `initdb-${process.pid}`);
  await mkdir(partial, { mode: 0o700 });
  if (runAs.uid !== undefined && runAs.gid !== undefined) await chown(partial, runAs.uid, runAs.gid);
  const log = await openLog(home);
  const args = [
    ...["-D", partial, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8"],
    // Collation from the binaries, not from the host: an upgrade of libc must not reorder indexes.
    ...["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"],
    ...(durable ? [] : ["--no-sync"]),
    ...Object.entries(tuning()).flatMap(([key, value]) => ["-c", `${key}=${value}`]),
  ];
  try {
    const child = spawnAs(runAs, [join(native, "bin", "initdb"), ...args], log.fd);
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
    if (status !== 0) throw new EmbeddedError(`initdb failed (${status}): ${await lastLogLine(home)}`);
    await rename(partial, data);
  } finally {
    await log.close();
    await rm(partial, { recursive: true, force: true });
  }
  return { created: true };
}

/** Defaults for a small machine. Written once into postgresql.conf, where ALTER SYSTEM can override them. */
function tuning(): Record<string, string> {
  const memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const mb = (bytes: number, low: number, high: number) =>
    `${Math.round(Math.min(high, Math.max(low, bytes / 2 ** 20)))}MB`;
  return {
    timezone: "UTC",
    log_timezone: "UTC",
    max_connections: "100",
    shared_buffers: mb(memory / 8, 64, 1024),
    effective_cache_size: mb(memory / 2, 256, 16384),
    // What a sort may take before it goes to disk. Few statements sort much, and a connection runs one at a time.
    work_mem: mb(memory / 1024, 4, 32),
    maintenance_work_mem: "64MB",
    wal_compression: "on",
    max_wal_size: "2GB",
    random_page_cost: "1.1",
    jit: "off", // compiling costs more than it saves in queries of milliseconds
    max_parallel_workers_per_gather: availableParallelism() > 2 ? "2" : "0",
    log_line_prefix: "%m [%p] ",
    log_checkpoints: "off",
  };
}

async function majorVersion(native: string): Promise<string> {
  const sample = await readFile(join(native, "share", "postgresql", "postgresql.conf.sample"), "utf8").catch(
    () => "",
  );
  const { version } = JSON.parse(
    await readFile(join(native, "..", "package.json"), "utf8").catch(() => '{"version":""}'),
  ) as {
    version: string;
  };
  return /^# PostgreSQL (\d+)/.exec(sample)?.[1] ?? version.split(".")[0] ?? "";
}

/** Start the server process. Ready only once a connection succeeds. */
export async function launch(
  isolation: Isolation,
  options: { socketDir: string; durable: boolean; watchdog: boolean },
): Promise<ChildProcess> {
  const { home, native, runAs } = isolation;
  const log = await openLog(home);
  const unsafe = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };
  const settings = {
    listen_addresses: "",
    unix_socket_directories: options.socketDir,
    unix_socket_permissions: "0700",
    ...(options.durable ? {} : unsafe),
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
  try {
    const command = [
      join(native, "bin", "postgres"),
      "-D",
      join(home, "data"),
      "-k",
      options.socketDir,
      ...flags,
    ];
    const child = spawnAs(runAs, command, log.fd, options.watchdog);
    child.unref();
    const [, , , heartbeat] = child.stdio;
    if (heartbeat && "unref" in heartbeat) (heartbeat as { unref(): void }).unref();
    return child;
  } finally {
    await log.close();
  }
}

/**
 * Remove what a killed server left in the way of the next one.
 *
 * Call only when no process uses the cluster: PostgreSQL itself refuses to start while the
 * recorded pid belongs to anything of the same user, or to a zombie.
 */
export async function clearStale(home: string, socketDir: string): Promise<boolean> {
  const stale = await exists(join(home, "data", "postmaster.pid"));
  for (const path of [
    join(home, "data", "postmaster.pid"),
    join(socketDir, SOCKET_NAME),
    join(socketDir, `${SOCKET_NAME}.lock`),
  ]) {
    await rm(path, { force: true });
  }
  return stale;
}

async function openLog(home: string) {
  const path = join(home, "log");
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_MAX) await rename(path, `${path}.1`);
  const file = await open(path, "a", 0o600);
  await chmod(path, 0o600);
  return file;
}

/** The last line that says why, for error messages. `""` when there is no log. */
export async function lastLogLine(home: string): Promise<string> {
  const lines = (await readFile(join(home, "log"), "utf8").catch(() => "")).trimEnd().split("\n").slice(-40);
  const telling = lines.findLast((line) => /FATAL|PANIC|initdb: error|could not|error:/.test(line));
  return (telling ?? lines.at(-1) ?? "").trim();
}
