import type { Command } from "commander";

/** `touchstone up`: run the whole product until it is told to stop. */
export function addUp(program: Command): void {
  program
    .command("up")
    .description("run everything on this machine: database, migrations, web server, worker")
    .option("--json", "print the address (and a first password) as one JSON document")
    .action(async ({ json }: { json?: boolean }) => {
      const { up } = await import("#cli/up");
      process.exitCode = await up({ json });
    });
}
