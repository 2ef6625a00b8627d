import { stat } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

import { alreadyRuns } from "#db/embedded/errors";

/** Superuser of the embedded cluster; the socket directory is what keeps others out. */
export const SUPERUSER = "touchstone";

/** "touchst" in ASCII: no other program that shares a server picks it by accident. */
const OWNER_LOCK = "32773647268082548";

/** How long a lock may outlive the killed launcher whose connection held it. Milliseconds. */
const LOCK_LINGER_MS = 1500;

type Release = () => Promise<void>;

/**
 * Listen on an abstract socket named by purpose, device and inode of the directory.
 *
 * The kernel frees the name when its process dies, even by SIGKILL: there is no file that could be
 * left behind and no pid to guess about. Two paths to one directory give one name. It reaches as far
 * as the network namespace.
 *
 * @returns null when another process has it
 */
async function takeName(purpose: string, dataDir: string): Promise<Release | null> {
  const { dev, ino } = await stat(dataDir);
  const server = createServer((socket) => socket.destroy());
  const failure = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    server.once("error", resolve);
    server.listen(`\0touchstone-${purpose}-${dev}-${ino}`, () => resolve(null));
  });
  if (failure?.code === "EADDRINUSE") return null;
  if (failure) throw failure;
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/**
 * Exclude other launchers of the same data directory while this one starts or stops.
 *
 * @returns the release function
 * @throws EmbeddedError (exit code 4) when another launcher holds it for longer than `waitMs`
 */
export async function enterExclusive(
  dataDir: string,
  waitMs: number,
  signal?: AbortSignal,
): Promise<Release> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const release = await takeName("exclusive", dataDir);
    if (release) return release;
    if (Date.now() > deadline) throw alreadyRuns(dataDir, "it is still starting or stopping");
    await sleep(50, undefined, { signal });
  }
}

/**
 * Say for life that this process owns the directory, also while its database restarts after a
 * crashed backend and nobody holds the advisory lock.
 *
 * @throws EmbeddedError (exit code 4) when another process says so
 */
export async function announceOwner(dataDir: string): Promise<Release> {
  const release = await takeName("owner", dataDir);
  if (!release) throw alreadyRuns(dataDir);
  return release;
}

/** `gone` resolves when the connection has ended, whoever ended it, even before anyone asked. */
export type Connection = { client: pg.Client; gone: Promise<void> };

/** A connection, `"starting"` while the server refuses clients for now, or `"absent"`. */
export type Reached = Connection | "starting" | "absent";

/** Try once to connect to the maintenance database. Never throws for a server that is not there. */
export async function reach(socketDir: string): Promise<Reached> {
  const client = new pg.Client({
    host: socketDir,
    user: SUPERUSER,
    database: "postgres",
    application_name: "touchstone-launcher",
    connectionTimeoutMillis: 5000,
  });
  const gone = new Promise<void>((resolve) => {
    client.on("error", () => resolve());
    client.on("end", () => resolve());
  });
  try {
    await client.connect();
    return { client, gone };
  } catch (error) {
    await client.end().catch(() => {});
    const code = (error as { code?: string }).code ?? "";
    // 57P03: starting up, recovering or shutting down. 53300: up, but all connections are taken.
    return code === "57P03" || code === "53300" ? "starting" : "absent";
  }
}

/**
 * Take the ownership lock on this connection; it is held until the connection ends.
 *
 * @returns "refused" when a live launcher holds it, "broken" when the connection ended meanwhile:
 *   then nothing is known, and the caller must look again
 */
export async function claim({ client }: Connection): Promise<"owned" | "refused" | "broken"> {
  const deadline = Date.now() + LOCK_LINGER_MS;
  for (;;) {
    try {
      const { rows } = await client.query<{ ok: boolean }>("SELECT pg_try_advisory_lock($1) AS ok", [
        OWNER_LOCK,
      ]);
      if (rows[0]?.ok) return "owned";
    } catch {
      return "broken";
    }
    if (Date.now() > deadline) return "refused";
    await sleep(50);
  }
}
