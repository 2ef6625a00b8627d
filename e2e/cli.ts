/** The command line, as a person runs it: in a process of its own. */
import { execFile } from "node:child_process";
import { join } from "node:path";

export type CliRun = { status: number; out: string };

const PROGRAM = join(import.meta.dirname, "..", "cli", "bin.cjs");

/** Run `touchstone` with these arguments; a failure is an answer, too. */
export function runCli(args: readonly string[], env: Record<string, string> = {}): Promise<CliRun> {
  return new Promise((resolve) => {
    const settings = { env: { ...process.env, ...env }, maxBuffer: 64 * 1_024 * 1_024 };
    execFile(process.execPath, [PROGRAM, ...args], settings, (error, out) =>
      resolve({ status: error === null ? 0 : Number(error.code ?? -1), out }),
    );
  });
}
