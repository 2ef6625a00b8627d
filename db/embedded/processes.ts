import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

/** What PostgreSQL wrote into `postmaster.pid`. `socketDir` is `""` until the socket exists. */
export type PidFile = { pid: number; socketDir: string };

/** The pid file of a cluster, or `null` when there is none or it is not readable as one. */
export async function readPidFile(dataDir: string): Promise<PidFile | null> {
  const text = await readFile(join(dataDir, "postmaster.pid"), "utf8").catch(() => "");
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  // The pid is negative when a single-user backend holds the directory.
  return Number.isInteger(pid) && pid !== 0 ? { pid: Math.abs(pid), socketDir: lines[4] ?? "" } : null;
}

/**
 * Whether a process still runs.
 *
 * Reads `/proc` and not `kill(pid, 0)`: a zombie that nobody reaps (PID 1 of many containers
 * does not) answers signals for ever, but holds no file and no socket.
 */
export async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The command name may hold spaces and brackets, so the state is what follows the last one.
  const state = stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
  return state !== "" && state !== "Z" && state !== "X";
}

/**
 * Live processes whose working directory is `dataDir` (an absolute real path).
 *
 * Every PostgreSQL process sits in its data directory, so an empty answer proves that no server
 * uses it, whatever pid a left-over pid file names.
 */
export async function processesIn(dataDir: string): Promise<number[]> {
  const entries = await readdir("/proc");
  const found = await Promise.all(
    entries
      .filter((entry) => /^\d+$/.test(entry))
      .map(async (entry) => {
        const cwd = await readlink(`/proc/${entry}/cwd`).catch(() => null);
        return cwd === dataDir ? Number(entry) : null;
      }),
  );
  return found.filter((pid) => pid !== null);
}

/** The pid of the running postmaster of a cluster, or `null`. Never a recycled pid of something else. */
export async function runningPostmaster(dataDir: string): Promise<number | null> {
  const file = await readPidFile(dataDir);
  if (!file) return null;
  const cwd = await readlink(`/proc/${file.pid}/cwd`).catch(() => null);
  return cwd === dataDir ? file.pid : null;
}
