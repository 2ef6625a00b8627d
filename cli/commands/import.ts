import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Command } from "commander";
import type { IngestResult } from "#lib/contracts/ingest";
import { PROBLEMS, type ProblemCode, ProblemError } from "#lib/domain/problems";
import { NOTHING_ALLOWED, opening } from "#lib/outbound/address";
import { outboundTo } from "#lib/outbound/client";
import { importLines, type RefusedLine, type Send } from "./import-batches.ts";
import { readLines } from "./import-lines.ts";
import { CommandError, plain, print } from "./output.ts";
import { type Session, withSession } from "./session.ts";

type Options = { source: string; backfill?: boolean; key?: string; url?: string; json?: boolean };

/** Refused lines that `--json` lists; the count is always complete. */
const MAX_LISTED = 10_000;
const IMPORT_TIMEOUT_MS = 300_000;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `touchstone import`: read events from a file or standard input. */
export function addImport(program: Command): void {
  program
    .command("import <file>")
    .description("import CloudEvents, tokens or native JSON documents, one per line; - reads standard input")
    .requiredOption("--source <id>", "id or name of the source that they come from")
    .option("--backfill", "they are history: signatures count, the time window does not")
    .option("--key <key>", "send over HTTP with this API key instead of straight into the database")
    .option("--url <url>", "address of the server, with --key")
    .option("--json", "print one JSON document")
    .action(run);
}

async function run(file: string, { source, backfill = false, key, url, json }: Options): Promise<void> {
  const bytes = await openInput(file);
  const refusedLines: RefusedLine[] = [];
  const refused = (line: RefusedLine) => {
    if (!json) console.error(`line ${line.line}: ${line.code}: ${plain(line.detail)}`);
    else if (refusedLines.length < MAX_LISTED) refusedLines.push(line);
  };
  // Over HTTP only the server knows names; a source given by id must be the one that the key belongs to.
  const importWith = (reference: string, send: Send) => {
    const attribute = UUID.test(reference)
      ? `urn:touchstone:source:${reference.toLowerCase()}`
      : "urn:touchstone:import";
    return importLines(readLines(bytes), { source: attribute, send, refused });
  };
  const totals = key
    ? await importWith(source, await overHttp(key, backfill, url))
    : await withSession((session) => direct(session, source, backfill, importWith));
  const { lines, accepted, duplicate, rejected } = totals;
  const summary = `${lines} lines: ${accepted} accepted, ${duplicate} known already, ${rejected} rejected`;
  print(json, { ...totals, rejections: refusedLines }, [summary]);
  if (rejected > 0) process.exitCode = 1;
}

async function openInput(file: string): Promise<AsyncIterable<Uint8Array>> {
  if (file === "-") return process.stdin;
  const info = await stat(file).catch((error: Error) => {
    throw new CommandError(`cannot read ${file}: ${error.message}`);
  });
  if (info.isDirectory()) throw new CommandError(`${file} is a directory`);
  return createReadStream(file);
}

/** Into the database by the same code as the server's, under a key that lives as long as the import. */
async function direct<T>(
  { ctx, db }: Session,
  source: string,
  backfill: boolean,
  work: (sourceId: string, send: Send) => Promise<T>,
): Promise<T> {
  const [
    { sourceIdOf },
    { createApiKey },
    { revokeApiKey },
    { createIngest },
    { authenticateApiKey },
    { sealer },
  ] = await Promise.all([
    import("./source-ref.ts"),
    import("#lib/services/source/create-api-key"),
    import("#lib/services/source/revoke-api-key"),
    import("#lib/ingest/ingest"),
    import("#lib/server/api-key"),
    import("#lib/server/secret"),
  ]);
  const sourceId = await sourceIdOf(ctx, source);
  const created = await createApiKey(ctx, {
    sourceId,
    scopes: backfill ? ["ingest:write", "ingest:backfill"] : ["ingest:write"],
    expiresInDays: 1,
  });
  const ingest = createIngest({
    db,
    sealer: sealer(),
    authenticate: (header) => authenticateApiKey(db, header, new Date()),
    now: () => new Date(),
    observe: () => {},
  });
  const headers = {
    "content-type": "application/cloudevents-batch+json",
    authorization: `Bearer ${created.secret}`,
  };
  try {
    return await work(sourceId, (batch) => ingest.events({ headers, body: once(batch), backfill }));
  } finally {
    await revokeApiKey(ctx, { sourceId, apiKeyId: created.key.id });
  }
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text, "utf8");
}

async function overHttp(key: string, backfill: boolean, url: string | undefined): Promise<Send> {
  const { env } = await import("#lib/server/env");
  const address = `${(url ?? env().url).replace(/\/$/, "")}/api/v1/events${backfill ? "?backfill=true" : ""}`;
  if (!URL.canParse(address)) throw new CommandError(`${address} is no address`);
  // Whoever runs the command names the server and thereby opens it.
  const send = outboundTo(opening(NOTHING_ALLOWED, address));
  return async (batch) => {
    const response = await send(
      {
        method: "POST",
        url: address,
        headers: { "content-type": "application/cloudevents-batch+json", authorization: `Bearer ${key}` },
        body: batch,
        timeoutMs: IMPORT_TIMEOUT_MS,
      },
      new AbortController().signal,
    ).catch((error: Error) => {
      throw new CommandError(`cannot reach ${address}: ${error.message}`);
    });
    const body = jsonOf(response.body);
    if (response.status === 202) return body as IngestResult;
    const { code, detail } = (body ?? {}) as { code?: string; detail?: string };
    const text = detail ?? `the server answered ${response.status}`;
    if (code !== undefined && Object.hasOwn(PROBLEMS, code))
      throw new ProblemError(code as ProblemCode, text);
    throw new CommandError(text);
  };
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return null;
  }
}
