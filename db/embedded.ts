import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, realpath, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";

import { completeLinks, findNative } from "#db/embedded/binaries";
import { clearStale, ensureCluster, lastLogLine, launch, prepareSocketDir } from "#db/embedded/cluster";
import { alreadyRuns, EmbeddedError } from "#db/embedded/errors";
import { chooseIsolation, type Isolation, locateHome } from "#db/embedded/isolation";
import {
  announceOwner,
  type Connection,
  claim,
  enterExclusive,
  reach,
  SUPERUSER,
} from "#db/embedded/ownership";
import { isAlive, processesIn, readPidFile, runningPostmaster } from "#db/embedded/processes";

/** Database that the product uses. */
const DATABASE = "touchstone";

/** How long another launcher may take to start or stop before we give up. Milliseconds. */
const EXCLUSIVE_WAIT_MS = 90_000;

/** How long left-over backends of a killed server may take to notice and go. Milliseconds. */
const LEFTOVER_WAIT_MS = 20_000;

/** How long a fast shutdown may take before the server is told to stop at once. Milliseconds. */
const STOP_WAIT_MS = 60_000;

/** How long the server may be unreachable (it restarts after a crashed backend). Milliseconds. */
const REGAIN_WAIT_MS = 30_000;

/** A running database that this process owns. */
export type EmbeddedPostgres = {
  /** Connection string for pg; a socket in a private directory, no TCP. */
  readonly url: string;
  /** True when the server was already running, left by a launcher that was killed. */
  readonly adopted: boolean;
  /** Resolves with the reason when the database goes away without `stop()`. Never rejects. */
  readonly lost: Promise<string>;
  /** Fast shutdown: clients are cut off, all committed data is on disk when this resolves. Idempotent. */
  stop(): Promise<void>;
};

export type EmbeddedOptions = {
  /** Created with mode 0700 when missing. The cluster is its subfolder `postgres`. */
  dataDir: string;
  /** One line per notable event. */
  log: (line: string) => void;
  signal?: AbortSignal | undefined;
  /** False trades durability for speed. Only for throw-away test clusters. Default true. */
  durable?: boolean | undefined;
  /** Shut the server down when this process dies, even by SIGKILL. Only for tests. Default false. */
  watchdog?: boolean | undefined;
  /** Restrict how the server is kept apart from root. Only for tests. */
  isolation?: readonly Isolation["kind"][] | undefined;
  relocationRoot?: string | undefined;
};

/** Connection string of a database on a socket directory, as pg and drizzle read it. */
function socketUrl(socketDir: string, database: string): string {
  return `postgresql://${SUPERUSER}@/${encodeURIComponent(database)}?host=${encodeURIComponent(socketDir)}`;
}

/**
 * Start PostgreSQL on a data directory, or adopt the server that a killed launcher left there.
 *
 * Exactly one process owns a directory: the holder of an advisory lock on a connection that
 * stays open for life. A pid cannot say that; see docs/adr/0002-embedded-postgresql.md.
 *
 * @throws EmbeddedError with exit code 4 when another launcher owns the directory, 1 when the
 *   server cannot be started
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const dataDir = await realpath(options.dataDir);
  const leave = await enterExclusive(dataDir, EXCLUSIVE_WAIT_MS, options.signal);
  try {
    const retire = await announceOwner(dataDir);
    try {
      return await startOwned(dataDir, retire, options);
    } catch (error) {
      await retire();
      throw error;
    }
  } finally {
    await leave();
  }
}

async function startOwned(
  dataDir: string,
  retire: () => Promise<void>,
  options: EmbeddedOptions,
): Promise<EmbeddedPostgres> {
  const home = await locateHome(dataDir);
  const adopted = await adopt(dataDir, home, options);
  const server = adopted ?? (await startFresh(dataDir, options));
  try {
    options.signal?.throwIfAborted();
    await ensureDatabase(server.connection.client);
  } catch (error) {
    await shutDown(server.home, options.log);
    throw error;
  }
  return own(dataDir, { ...server, retire }, { adopted: adopted !== null, log: options.log });
}

/**
 * A database for a short command: the running one when there is one, else one of our own that
 * `release` stops again.
 *
 * @throws EmbeddedError as `startEmbedded`
 */
export async function borrowEmbedded(
  options: EmbeddedOptions,
): Promise<{ url: string; release(): Promise<void> }> {
  const home = await locateHome(options.dataDir);
  const socketDir = (await readPidFile(join(home, "data")))?.socketDir;
  const reached = socketDir ? await reach(socketDir) : "absent";
  if (socketDir && typeof reached === "object") {
    await reached.client.end();
    return { url: socketUrl(socketDir, DATABASE), release: async () => {} };
  }
  const own = await startEmbedded(options);
  return { url: own.url, release: () => own.stop() };
}

type Server = { home: string; socketDir: string; connection: Connection };

/** Connect to a server that already runs and take it over; `null` when none does. */
async function adopt(
  dataDir: string,
  home: string,
  { log, signal }: EmbeddedOptions,
): Promise<Server | null> {
  const data = join(home, "data");
  const giveUpAt = Date.now() + LEFTOVER_WAIT_MS;
  let saidWaiting = false;
  for (;;) {
    signal?.throwIfAborted();
    const socketDir = (await readPidFile(data))?.socketDir || join(home, "run");
    const reached = await reach(socketDir);
    if (typeof reached === "object") {
      const result = await claim(reached);
      if (result === "owned") return { home, socketDir, connection: reached };
      await reached.client.end().catch(() => {});
      if (result === "refused") throw alreadyRuns(dataDir);
      continue;
    }
    const pids = await processesIn(data);
    if (reached === "absent" && pids.length === 0) return null;
    if (reached === "absent" && Date.now() > giveUpAt) {
      throw new EmbeddedError(
        `process ${pids.join(", ")} still uses ${data} but does not answer; stop it and start again`,
      );
    }
    if (!saidWaiting) log(`waiting for the PostgreSQL that already runs on ${data}`);
    saidWaiting = true;
    await sleep(100, undefined, { signal });
  }
}

async function startFresh(dataDir: string, options: EmbeddedOptions): Promise<Server> {
  const { log, signal, durable = true, watchdog = false } = options;
  const native = findNative();
  await completeLinks(native);
  const isolation = await chooseIsolation({
    dataDir,
    native,
    only: options.isolation,
    relocationRoot: options.relocationRoot,
  });
  const { home } = isolation;
  const { created } = await ensureCluster(isolation, durable);
  if (created) log(`created a PostgreSQL cluster in ${home}`);
  const socketDir = await prepareSocketDir(home, isolation.runAs);
  if (await clearStale(home, socketDir)) log("recovering after a server that was killed");
  const child = await launch(isolation, { socketDir, durable, watchdog });
  try {
    for (;;) {
      const connection = await untilReady(child, home, socketDir, signal);
      const result = await claim(connection);
      if (result === "owned") return { home, socketDir, connection };
      await connection.client.end().catch(() => {});
      if (result === "refused") throw alreadyRuns(dataDir);
    }
  } catch (error) {
    // By its handle: it may not have written its pid file yet. One we lost to is another's by now.
    if (!(error instanceof EmbeddedError)) await endChild(child);
    throw error;
  }
}

/** Wait for the first connection. Crash recovery may take minutes, so only an exit ends it early. */
async function untilReady(
  child: ChildProcess,
  home: string,
  socketDir: string,
  signal?: AbortSignal,
): Promise<Connection> {
  let exit: string | null = null;
  child.once("exit", (code, killed) => {
    exit = killed ?? `exit ${code}`;
  });
  child.once("error", (error) => {
    exit = error.message;
  });
  for (;;) {
    signal?.throwIfAborted();
    const reached = await reach(socketDir);
    if (typeof reached === "object") return reached;
    if (exit !== null)
      throw new EmbeddedError(`PostgreSQL did not start (${exit}): ${await lastLogLine(home)}`);
    await sleep(20, undefined, { signal });
  }
}

async function ensureDatabase(client: Client): Promise<void> {
  const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [DATABASE]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
}

/** Hold the ownership for life, and say when the database is gone. */
function own(
  dataDir: string,
  server: Server & { retire: () => Promise<void> },
  { adopted, log }: { adopted: boolean; log: (line: string) => void },
): EmbeddedPostgres {
  const { home, socketDir } = server;
  let stopping: Promise<void> | null = null;
  let takenOver = false;
  let held = server.connection;
  const lost = Promise.withResolvers<string>();

  const keep = async () => {
    for (;;) {
      await held.gone;
      if (stopping) return;
      const again = await regain(home, socketDir, () => stopping !== null);
      if (again === "stopped") return;
      if (typeof again === "string") {
        takenOver = again === "refused";
        await server.retire(); // whoever hears of the loss may start again at once
        lost.resolve(takenOver ? `another Touchstone took over ${dataDir}` : again);
        return;
      }
      held = again;
    }
  };
  void keep();

  const stop = async () => {
    const leave = await enterExclusive(dataDir, EXCLUSIVE_WAIT_MS).catch(() => async () => {});
    try {
      if (!takenOver) {
        await shutDown(home, log);
        if (dirname(socketDir) !== home) await rm(socketDir, { recursive: true, force: true });
      }
      await held.client.end().catch(() => {});
    } finally {
      await server.retire();
      await leave();
    }
  };
  return {
    url: socketUrl(socketDir, DATABASE),
    adopted,
    lost: lost.promise,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

/**
 * After a lost connection: take the lock again.
 *
 * @returns "stopped" when told to stop, "refused" when another launcher has the lock, else why the
 *   database is gone
 */
async function regain(
  home: string,
  socketDir: string,
  stopped: () => boolean,
): Promise<Connection | "stopped" | "refused" | string> {
  const giveUpAt = Date.now() + REGAIN_WAIT_MS;
  for (;;) {
    if (stopped()) return "stopped";
    const reached = await reach(socketDir);
    if (typeof reached === "object") {
      const result = await claim(reached);
      if (result === "owned" && !stopped()) return reached;
      await reached.client.end().catch(() => {});
      if (result === "refused") return "refused";
    } else if (!(await runningPostmaster(join(home, "data")))) {
      return `PostgreSQL stopped: ${await lastLogLine(home)}`;
    } else if (reached === "absent" && Date.now() > giveUpAt) {
      return "PostgreSQL runs but does not answer";
    }
    await sleep(50);
  }
}

/** Stop a server that we have just started. */
async function endChild(child: ChildProcess): Promise<void> {
  if (!child.pid || child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = once(child, "exit");
  signalQuietly(child.pid, "SIGINT");
  const urgent = setTimeout(() => child.kill("SIGQUIT"), STOP_WAIT_MS);
  await ended;
  clearTimeout(urgent);
}

/** Stop the server of a cluster and wait until no process and no pid file is left. */
async function shutDown(home: string, log: (line: string) => void): Promise<void> {
  const data = join(home, "data");
  const pid = await runningPostmaster(data);
  if (!pid) return;
  signalQuietly(pid, "SIGINT");
  const urgentAt = Date.now() + STOP_WAIT_MS;
  let urged = false;
  while ((await isAlive(pid)) || (await readPidFile(data))?.pid === pid) {
    if (!urged && Date.now() > urgentAt) {
      log("PostgreSQL did not stop in time; stopping it at once (the next start recovers)");
      signalQuietly(pid, "SIGQUIT");
      urged = true;
    }
    // A killed server leaves its pid file; the next start clears it.
    if (!(await isAlive(pid)) && (urged || (await processesIn(data)).length === 0)) return;
    await sleep(20);
  }
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
