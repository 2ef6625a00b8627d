/** The command line. Every command is audited like any other change, and speaks JSON with `--json`. */
import { Command, CommanderError } from "commander";
import { addAudit } from "./commands/audit.ts";
import { addCollect } from "./commands/collect.ts";
import { addDemo } from "./commands/demo.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addGate } from "./commands/gate.ts";
import { addImport } from "./commands/import.ts";
import { addIngestListener } from "./commands/ingest-listener.ts";
import { addKey } from "./commands/key.ts";
import { addLifecycle } from "./commands/lifecycle.ts";
import { addMigrate } from "./commands/migrate.ts";
import { addNode } from "./commands/node.ts";
import { describeFailure } from "./commands/output.ts";
import { addPolicy } from "./commands/policy.ts";
import { addRetention } from "./commands/retention.ts";
import { addSource } from "./commands/source.ts";
import { addUp } from "./commands/up.ts";
import { addUser } from "./commands/user.ts";
import { addVerify } from "./commands/verify.ts";
import { addWitness } from "./commands/witness.ts";
import { addWorker } from "./commands/worker.ts";

/** Exit status of a wrong call: unknown command, missing or bad option. */
const USAGE_EXIT_CODE = 2;

/** The program with all commands, as the shell sees it. */
export function buildProgram(): Command {
  const program = new Command("touchstone")
    .description("Fleet trust dashboard: who can be trusted now, and why")
    .showHelpAfterError("Run with --help for the options.")
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "touchstone: ")) });
  for (const add of [
    addUp,
    addDemo,
    addMigrate,
    addWorker,
    addIngestListener,
    addRetention,
    addUser,
    addKey,
    addSource,
    addImport,
    addNode,
    addLifecycle,
    addCollect,
    addPolicy,
    addGate,
    addAudit,
    addWitness,
    addVerify,
    addDoctor,
  ])
    add(program);
  inheritExit(program);
  return program;
}

/** Errors are thrown instead of ending the process, so that there is one place that decides how. */
function inheritExit(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) inheritExit(child);
}

/** Run one command line; sets the exit status of the process. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync(argv, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : USAGE_EXIT_CODE;
      return;
    }
    const { detail, code, exitCode } = describeFailure(error);
    if (argv.includes("--json")) process.stdout.write(`${JSON.stringify({ error: { code, detail } })}\n`);
    process.stderr.write(`touchstone: ${detail}\n`);
    process.exitCode = exitCode;
  }
}

if (import.meta.main) await main(process.argv.slice(2));
