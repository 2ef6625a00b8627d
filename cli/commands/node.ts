import { createReadStream } from "node:fs";
import type { Command } from "commander";
import type { ExpectedNodesAdded } from "#lib/contracts/enrolment";
import { readExpected } from "./expected-lines.ts";
import { readLines } from "./import-lines.ts";
import { CommandError, plain, print } from "./output.ts";
import { withSession } from "./session.ts";

/** Nodes per transaction. */
const CHUNK = 500;

/** `touchstone node expect`: list nodes that must enrol. */
export function addNode(program: Command): void {
  program
    .command("node")
    .description("nodes")
    .command("expect <file>")
    .description("list nodes that are expected to enrol, one JSON object per line; - reads standard input")
    .option("--domain <id>", "trust domain that they belong to; the root when absent")
    .option("--json", "print one JSON document")
    .action(run);
}

async function run(file: string, { domain, json }: { domain?: string; json?: boolean }): Promise<void> {
  const { nodes, refused } = await readExpected(readLines(open(file))).catch((error: Error) => {
    throw new CommandError(`cannot read ${file}: ${error.message}`);
  });
  for (const { line, detail } of refused) if (!json) console.error(`line ${line}: ${plain(detail)}`);
  const { expectNodes } = await import("#lib/services/expected-node/expect");
  const total: ExpectedNodesAdded = { added: 0, known: [] };
  if (nodes.length > 0) {
    await withSession(async ({ ctx }) => {
      for (let start = 0; start < nodes.length; start += CHUNK) {
        const { added, known } = await expectNodes(ctx, { nodes: nodes.slice(start, start + CHUNK) });
        total.added += added;
        total.known.push(...known);
      }
    }, domain);
  }
  const summary = `${total.added} added, ${total.known.length} listed already, ${refused.length} refused`;
  print(json, { ...total, refused }, [summary]);
  if (refused.length > 0) process.exitCode = 1;
}

function open(file: string): AsyncIterable<Uint8Array> {
  return file === "-" ? process.stdin : createReadStream(file);
}
