import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Command, InvalidArgumentError } from "commander";
import { CommandError, print } from "./output.ts";
import { untilStopped } from "./until-stopped.ts";

type Options = { state: string; vkey: string[]; name: string; port: number; add?: string; json?: boolean };

/** Largest request: 63 hashes and a checkpoint with many signatures. */
const MAX_BODY_BYTES = 64 * 1_024;
const PATH = "/add-checkpoint";

/** `touchstone witness`: cosign the checkpoints of logs, on a machine of its own. */
export function addWitness(program: Command): void {
  program
    .command("witness")
    .description("cosign checkpoints of audit logs that only grow (C2SP tlog-witness)")
    .requiredOption("--state <file>", "what it remembers and its key; made when there is none")
    .requiredOption("--vkey <key...>", "keys of the logs that it cosigns")
    .option("--name <name>", "name of the witness, when the file is made", "touchstone.witness/1")
    .option("--port <port>", "port on 127.0.0.1, 0 = any free one", port, 0)
    .option("--add <file>", "answer one add-checkpoint request from a file and end; - = standard input")
    .option("--json", "print one JSON document")
    .action(run);
}

async function run({ state, vkey, name, port: wanted, add, json }: Options): Promise<void> {
  const { Witness } = await import("#lib/transparency/witness");
  const witness = await Witness.open(state, { name, vkeys: vkey, now: () => new Date() });
  if (add !== undefined) {
    const { readFileSync } = await import("node:fs");
    const reply = await witness.add(readFileSync(add === "-" ? 0 : add, "utf8"));
    print(json, { status: reply.status, body: reply.body, vkey: witness.vkey }, [reply.body.trimEnd()]);
    if (reply.status !== 200) throw new CommandError(`not cosigned: ${reply.status}`);
    return;
  }
  const server = createServer((request, response) => {
    if (request.url !== PATH || request.method !== "POST") {
      response.writeHead(request.url === PATH ? 405 : 404).end();
      return;
    }
    const parts: Buffer[] = [];
    let bytes = 0;
    request.on("data", (part: Buffer) => {
      bytes += part.length;
      if (bytes <= MAX_BODY_BYTES) parts.push(part);
    });
    request.on("end", () => {
      if (bytes > MAX_BODY_BYTES) {
        response.writeHead(413).end();
        return;
      }
      witness.add(Buffer.concat(parts).toString("utf8")).then(
        ({ status, contentType, body }) =>
          response.writeHead(status, { "content-type": contentType }).end(body),
        (error: Error) => {
          process.stderr.write(`touchstone: ${error.message}\n`);
          response.writeHead(500).end();
        },
      );
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(wanted, "127.0.0.1", resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${bound}${PATH}`;
  print(json, { url, vkey: witness.vkey, pid: process.pid }, [
    `Witness at ${url}`,
    `Its key: ${witness.vkey}`,
  ]);
  await untilStopped();
  await new Promise((resolve) => server.close(resolve));
}

function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError("It is a port number.");
  return Number(text);
}
