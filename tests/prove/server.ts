/** The real server in a process of its own, on a free port. Needs a build. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

export type TestServer = {
  port: number;
  pid: number;
  /** What is resident, in kB, once nothing is held any more that nobody needs; no request may be under way. */
  restingKb: () => Promise<number>;
  /** SIGKILL; resolves when it is gone. */
  kill: () => Promise<void>;
  /** SIGTERM; resolves when it has drained. */
  stop: () => Promise<void>;
};

/** @param preload a module to load before anything else: where a proof plants its bug; `null` = none */
export async function startServer(databaseUrl: string, preload: string | null = null): Promise<TestServer> {
  const port = await freePort();
  const child = fork(join(ROOT, "server.ts"), [], {
    cwd: ROOT,
    execArgv: [
      "--conditions=react-server",
      "--disable-warning=DEP0169",
      "--expose-gc",
      "--import",
      join(import.meta.dirname, "rest-on-request.ts"),
      ...(preload === null ? [] : ["--import", preload]),
    ],
    env: {
      ...process.env,
      NODE_ENV: "production",
      DATABASE_URL: databaseUrl,
      HOST: "127.0.0.1",
      PORT: String(port),
      NEXTAUTH_SECRET: "only-for-this-proof-0123456789abcdef",
      LOG_LEVEL: "fatal",
      WORKER: "on",
    },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  await new Promise<void>((resolve, reject) => {
    child.on("message", (message) => {
      if ((message as { type?: string }).type === "ready") resolve();
    });
    child.once("exit", (code, signal) =>
      reject(new Error(`the server ended with ${code ?? signal} before it was ready`)),
    );
  });
  return {
    port,
    pid: child.pid ?? 0,
    restingKb: () => restingKb(child),
    kill: () => end(child, "SIGKILL"),
    stop: () => end(child, "SIGTERM"),
  };
}

async function restingKb(child: ChildProcess): Promise<number> {
  const [answer] = await Promise.all([once(child, "message"), child.send({ type: "rest" })]);
  const { type, collected } = answer[0] as { type?: string; collected?: boolean };
  if (type !== "at rest" || !collected) throw new Error("the server did not come to rest");
  const status = await readFile(`/proc/${child.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const gone = once(child, "exit");
  child.kill(signal);
  await gone;
}

/** A port that nobody listens on now. The server must be told its port before it binds. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, "close");
  return port;
}
