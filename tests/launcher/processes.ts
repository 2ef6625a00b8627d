import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";

import { isAlive, runningPostmaster } from "#db/embedded/processes";

export const ROOT = join(import.meta.dirname, "..", "..");

export const isRoot = process.geteuid?.() === 0;

/** Poll until `check` gives something else than null, undefined or false. */
export async function eventually<T>(
  what: string,
  check: () => T | Promise<T>,
  waitMs = 30_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const got = await check();
    if (got) return got;
    if (Date.now() > deadline) throw new Error(`waited ${waitMs} ms in vain: ${what}`);
    await sleep(20);
  }
}

/** A temporary directory. After the test its database (if any still runs) is stopped and it is removed. */
export async function tempDir(): Promise<string> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "touchstone-launcher-")));
  onTestFinished(async () => {
    await killCluster(join(dir, "postgres"));
    await rm(dir, { recursive: true, force: true });
  });
  return dir;
}

/** Stop a cluster that a failed test left running. */
export async function killCluster(home: string): Promise<void> {
  const pid = await runningPostmaster(join(home, "data"));
  if (!pid) return;
  process.kill(pid, "SIGQUIT");
  await eventually("the database ends", async () => !(await isAlive(pid)));
}

export type Started = {
  child: ChildProcess;
  pid: number;
  /** The first line of JSON on stdout. Rejects when the process ends before. */
  result: Promise<Record<string, unknown>>;
  /** Exit code, or the name of the signal. */
  exit: Promise<number | string>;
  stdout(): string;
  stderr(): string;
};

/** Run one of our TypeScript files as a process. It is killed after the test. */
export function start(
  file: string,
  options: {
    /** Lead a process group of its own, as a terminal's foreground job does. */
    group?: boolean;
    env?: Record<string, string>;
    args?: string[];
    uid?: number;
    gid?: number;
    cwd?: string;
    node?: string;
  } = {},
): Started {
  const { env, group = false, args = [], node = process.execPath, cwd = ROOT, uid, gid } = options;
  const {
    DATABASE_URL: _database,
    PORT: _port,
    HOST: _host,
    TOUCHSTONE_URL: _url,
    ...inherited
  } = process.env;
  const child = spawn(node, ["--conditions=react-server", file, ...args], {
    cwd,
    env: { ...inherited, ...env } as NodeJS.ProcessEnv,
    detached: group,
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  let stdout = "";
  let stderr = "";
  const exit = new Promise<number | string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(signal ?? code ?? -1));
  });
  const result = new Promise<Record<string, unknown>>((resolve, reject) => {
    child.stdout?.on("data", (chunk) => {
      stdout += chunk;
      const line = stdout
        .split("\n")
        .find((candidate) => candidate.startsWith("{") && candidate.endsWith("}"));
      if (line) resolve(JSON.parse(line));
    });
    void exit.then((how) => reject(new Error(`ended (${how}) without a result: ${stderr}`)));
  });
  result.catch(() => {}); // many tests only look at the exit
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return { child, pid: child.pid ?? 0, result, exit, stdout: () => stdout, stderr: () => stderr };
}
