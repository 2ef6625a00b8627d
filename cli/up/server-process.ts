import { type ChildProcess, spawn } from "node:child_process";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** How long the server may take to become ready. Milliseconds. */
const READY_WAIT_MS = 180_000;

/** How long the server may take to finish requests and jobs after SIGTERM. Milliseconds. */
const STOP_WAIT_MS = 30_000;

/** How a process ended: `exit 3` or `SIGKILL`. */
type Ending = string;

export type ServerProcess = {
  readonly pid: number;
  /** Resolves when the process has ended, for whatever reason. Never rejects. */
  readonly ended: Promise<Ending>;
  /** Resolves when the server serves; rejects with the reason when it ends or stays unready first. */
  ready(signal?: AbortSignal): Promise<void>;
  /** SIGTERM, and SIGKILL when that takes too long. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL at once. */
  kill(): void;
};

/** The program of the server. Its interface is written down at `startServer`. */
export const SERVER_ENTRY = join(import.meta.dirname, "..", "..", "server.ts");

/**
 * Start the web server as a child process.
 *
 * The child gets an IPC channel. It must send `"ready"` on it once it accepts requests, and must
 * shut down when the channel closes (`process.on("disconnect")`): that is how it learns that this
 * launcher was killed. It runs in a session of its own, so Ctrl-C reaches only the launcher, which
 * then stops things in order. Its output goes to our stderr; our stdout is for results.
 *
 * @param health where the child answers; `hostHeader` is what a browser would send
 */
export function startServer(options: {
  entry: string;
  env: Record<string, string>;
  health: { host: string; port: number; hostHeader: string };
}): ServerProcess {
  const { entry, env, health } = options;
  const child = spawn(process.execPath, ["--conditions=react-server", "--disable-warning=DEP0169", entry], {
    cwd: join(import.meta.dirname, "..", ".."),
    detached: true,
    env: { ...process.env, ...env, NODE_ENV: "production" },
    stdio: ["ignore", 2, 2, "ipc"],
  });
  const ended = new Promise<Ending>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit ${code}`));
  });
  let stopping: Promise<void> | null = null;
  return {
    pid: child.pid ?? 0,
    ended,
    async ready(signal) {
      const polling = new AbortController();
      const failed = ended.then((how) => {
        throw new Error(`the server stopped before it was ready (${how})`);
      });
      failed.catch(() => {}); // it also ends after it was ready
      const either = signal ? AbortSignal.any([signal, polling.signal]) : polling.signal;
      try {
        await Promise.race([failed, becomesReady(child, health, either)]);
      } finally {
        polling.abort();
      }
    },
    stop() {
      stopping ??= stopChild(child, ended);
      return stopping;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

async function becomesReady(
  child: ChildProcess,
  health: { host: string; port: number; hostHeader: string },
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + READY_WAIT_MS;
  let said = false;
  child.on("message", (message) => {
    if (message === "ready") said = true;
  });
  let last = "it did not report that it listens";
  while (Date.now() < deadline) {
    signal.throwIfAborted();
    if (said) {
      last = await probe(health);
      if (last === "200") return;
    }
    await sleep(said ? 100 : 20, undefined, { signal });
  }
  throw new Error(`the server was not ready after ${READY_WAIT_MS / 1000} s (/api/health/ready: ${last})`);
}

/** Status code of the readiness endpoint, or why there was none. */
function probe({
  host,
  port,
  hostHeader,
}: {
  host: string;
  port: number;
  hostHeader: string;
}): Promise<string> {
  return new Promise((resolve) => {
    const headers = { host: hostHeader };
    const call = request(
      { host, port, path: "/api/health/ready", headers, timeout: 5000, agent: false },
      (response) => {
        response.resume();
        resolve(String(response.statusCode));
      },
    );
    call.on("timeout", () => call.destroy(new Error("no answer in 5 s")));
    call.on("error", (error) => resolve(error.message));
    call.end();
  });
}

async function stopChild(child: ChildProcess, ended: Promise<Ending>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const waiting = new AbortController();
  const tooLong = sleep(STOP_WAIT_MS, "late" as const, { signal: waiting.signal }).catch(
    () => "late" as const,
  );
  const result = await Promise.race([ended, tooLong]);
  waiting.abort();
  if (result === "late") {
    child.kill("SIGKILL");
    await ended;
  }
}
