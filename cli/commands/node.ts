import { createReadStream } from "node:fs";
import type { Command } from "commander";
import type { ExpectedNodesAdded } from "#lib/contracts/enrolment";
import { readExpected } from "./expected-lines.ts";
import { readLines } from "./import-lines.ts";
import { readLabelArguments } from "./label-arguments.ts";
import { CommandError, plain, print } from "./output.ts";
import { withSession } from "./session.ts";

/** Nodes per transaction. */
const CHUNK = 500;

/** `touchstone node`: list nodes that must enrol, and label nodes. */
export function addNode(program: Command): void {
  const node = program.command("node").description("nodes");
  node
    .command("label <node> <labels...>")
    .description(
      "label a node, named by its id or its whole name: role=gpu sets a label, role- takes it away",
    )
    .option("--domain <id>", "trust domain that it belongs to; the root when absent")
    .option("--json", "print one JSON document")
    .action(label);
  node
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

async function label(
  reference: string,
  labels: string[],
  { domain, json }: { domain?: string; json?: boolean },
): Promise<void> {
  const patch = readLabelArguments(labels);
  const { labelNode } = await import("#lib/services/node/label");
  const { nodeList } = await import("#lib/services/node/list");
  const result = await withSession(async ({ ctx }) => {
    if (UUID.test(reference)) return labelNode(ctx, { nodeId: reference, labels: patch });
    const q = `"${reference.replaceAll('"', "")}"`;
    const { items } = await nodeList(ctx, { q, sort: "name", limit: 200 });
    const named = items.filter(({ displayName }) => displayName === reference);
    if (named.length > 1) throw new CommandError(`several nodes are called ${plain(reference)}; use the id`);
    if (!named[0]) throw new CommandError(`there is no node called ${plain(reference)}`);
    return labelNode(ctx, { nodeId: named[0].id, labels: patch });
  }, domain);
  const lines = Object.entries(result.labels).map(([name, value]) => plain(`${name}=${value}`));
  print(json, result, lines.length > 0 ? lines : ["no labels"]);
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function open(file: string): AsyncIterable<Uint8Array> {
  return file === "-" ? process.stdin : createReadStream(file);
}
