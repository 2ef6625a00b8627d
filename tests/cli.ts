/** The command line, as a person runs it: in a process of its own. */
import {
  type ChildProcess,
  type ExecFileOptionsWithStringEncoding,
  execFile,
  spawn,
} from "node:child_process";
import { join } from "node:path";

export type CliRun = { status: number; out: string; err: string };

const PROGRAM = join(import.meta.dirname, "..", "cli", "bin.cjs");

const environment = (env: Record<string, string>) => ({ ...process.env, ...env });

/** Run `touchstone` with these arguments; a failure is an answer, too. */
export function runCli(args: readonly string[], env: Record<string, string> = {}): Promise<CliRun> {
  return run(args, { env: environment(env) });
}

/** The same where there is nothing but a directory: no environment, no database, no home. */
export function runCliIn(cwd: string, args: readonly string[]): Promise<CliRun> {
  return run(args, { cwd, env: {} });
}

function run(
  args: readonly string[],
  where: { cwd?: string; env: NodeJS.ProcessEnv | Record<string, never> },
): Promise<CliRun> {
  return new Promise((resolve) => {
    const settings = { ...where, maxBuffer: 64 * 1_024 * 1_024 } as ExecFileOptionsWithStringEncoding;
    execFile(process.execPath, [PROGRAM, ...args], settings, (error, out, err) =>
      resolve({ status: error === null ? 0 : Number(error.code ?? -1), out, err }),
    );
  });
}

/** A command that goes on until it is told to stop. */
export type RunningCli = {
  /** The first line that it printed, which is JSON. */
  first: Record<string, unknown>;
  /** @returns its exit status */
  stop: () => Promise<number | null>;
};

/** Start `touchstone` with these arguments and wait for its first line. */
export function startCli(args: readonly string[], env: Record<string, string> = {}): Promise<RunningCli> {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, ...args], {
    env: environment(env),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const stop = () => {
    child.kill("SIGTERM");
    return gone;
  };
  return new Promise((resolve, reject) => {
    child.stdout?.once("data", (chunk: Buffer) => {
      const line = chunk.toString("utf8").split("\n")[0] ?? "";
      resolve({ first: JSON.parse(line) as Record<string, unknown>, stop });
    });
    void gone.then((code) => reject(new Error(`it ended with ${code} before it printed anything`)));
  });
}
