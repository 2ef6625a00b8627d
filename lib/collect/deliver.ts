/** Documents on their way to Touchstone: the public ingest API, with a key like any other sender. */
import { z } from "zod";
import { IngestResult } from "#lib/contracts/ingest";
import { type Answer, FetchError } from "./contract.ts";
import { connect, exchange } from "./exchange.ts";

/** Documents and bytes of one request. The server takes 1 MiB. */
const MAX_BATCH_DOCUMENTS = 500;
const MAX_BATCH_BYTES = 900 * 1024;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const TIMEOUT_MS = 60_000;

/** Where the documents of one target go. */
export type Destination = {
  /** Address of Touchstone. */
  url: string;
  caFile?: string | undefined;
  sourceId: string;
  /** Holds an API key with the scope `ingest:write` for that source. */
  apiKeyFile: string;
};

export type Refused = { code: string; detail: string };

/**
 * What became of a batch. `stored`: the server has it, including what it refused and wrote down as
 * refused. `retry`: nobody knows, so the same bytes are sent again. `split`: too large in one piece.
 */
export type Delivery =
  | { outcome: "stored"; accepted: number; duplicate: number; refused: readonly Refused[] }
  | { outcome: "retry"; detail: string }
  | { outcome: "split" };

/** Request bodies (one document per line) out of documents, in order. */
export function batchesOf(documents: readonly string[]): string[] {
  const batches: string[] = [];
  let lines: string[] = [];
  let bytes = 0;
  for (const document of documents) {
    const size = Buffer.byteLength(document) + 1;
    if (lines.length > 0 && (lines.length >= MAX_BATCH_DOCUMENTS || bytes + size > MAX_BATCH_BYTES)) {
      batches.push(lines.join("\n"));
      lines = [];
      bytes = 0;
    }
    lines.push(document);
    bytes += size;
  }
  if (lines.length > 0) batches.push(lines.join("\n"));
  return batches;
}

/** The two halves of a batch; only itself when it holds one document. */
export function halvesOf(batch: string): string[] {
  const lines = batch.split("\n");
  const middle = Math.ceil(lines.length / 2);
  return [lines.slice(0, middle), lines.slice(middle)]
    .filter((half) => half.length > 0)
    .map((half) => half.join("\n"));
}

/** Send one batch once. */
export async function deliver(
  { url, caFile, sourceId, apiKeyFile }: Destination,
  batch: string,
  signal: AbortSignal,
): Promise<Delivery> {
  try {
    const connection = await connect({ url, caFile, tokenFile: apiKeyFile });
    try {
      const answer = await exchange(connection, `api/v1/sources/${sourceId}/deliver`, {
        post: { contentType: "application/x-ndjson", body: Buffer.from(batch) },
        maxBytes: MAX_ANSWER_BYTES,
        timeoutMs: TIMEOUT_MS,
        signal,
      });
      return deliveryOf(answer);
    } finally {
      connection.agent.destroy();
    }
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    return { outcome: "retry", detail: error.message };
  }
}

const Problem = z.object({ code: z.string(), detail: z.string().optional() });

/** Refusals of what was sent, which the server has written down; all others may be mended by waiting. */
const WRITTEN_DOWN = /^event\//;

function deliveryOf({ status, body }: Answer): Delivery {
  const document = documentOf(body);
  const result = IngestResult.safeParse(document);
  if (status === 202 && result.success) {
    const { accepted, duplicate, rejected } = result.data;
    return { outcome: "stored", accepted, duplicate, refused: rejected.map(({ problem }) => problem) };
  }
  const problem = Problem.safeParse(document);
  if (!problem.success) return { outcome: "retry", detail: `Touchstone answered ${status}` };
  const { code, detail = code } = problem.data;
  if (status === 413) return { outcome: "split" };
  if (status >= 400 && status < 500 && WRITTEN_DOWN.test(code)) {
    return { outcome: "stored", accepted: 0, duplicate: 0, refused: [{ code, detail }] };
  }
  return { outcome: "retry", detail: `Touchstone answered ${status} ${code}: ${detail}` };
}

function documentOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return null;
  }
}
