import type { Command } from "commander";
import { CommandError, print } from "./output.ts";
import { withSession } from "./session.ts";

/** `touchstone lifecycle`: the recorded lives of nodes against the log that they are folded from. */
export function addLifecycle(program: Command): void {
  const lifecycle = program.command("lifecycle").description("check or rebuild the life cycles of nodes");
  lifecycle
    .command("check")
    .description("fold every life again and compare; fails when one differs")
    .option("--json", "print one JSON document")
    .action(({ json }: { json?: boolean }) => run(json, false));
  lifecycle
    .command("rebuild")
    .description("fold every life again and write what differs")
    .option("--json", "print one JSON document")
    .action(({ json }: { json?: boolean }) => run(json, true));
}

async function run(json: boolean | undefined, write: boolean): Promise<void> {
  const { rebuildLives } = await import("#lib/services/lifecycle/rebuild");
  const found = await withSession(({ db }) => rebuildLives(db.$client, new Date(), { write }));
  if (!write && found.differing > 0) {
    throw new CommandError(
      `${found.differing} of ${found.nodes} lives differ from their log, for example ${found.examples[0]}; run: touchstone lifecycle rebuild`,
    );
  }
  const differing = write ? `${found.differing} were mended` : "none differs from its log";
  const since = found.keptSince
    ? [
        `Verdicts from before ${found.keptSince.toISOString()} are not kept: transitions that rest on them were left as they are.`,
      ]
    : [];
  print(json, found, [`${found.nodes} lives folded; ${differing}.`, ...since]);
}
