/** Answers that grow: one JSON object per line, for work that takes seconds and tells how far it is. */
import "server-only";
import { jsonLine } from "#lib/domain/json-line";
import { log } from "../log.ts";

type Write = (line: unknown) => Promise<void>;

/**
 * Answer with what `produce` writes.
 *
 * The work ends when the reader leaves. A fault after the first line can no longer become a status: the last line
 * is then `{"error": …}`, and what happened is in the log.
 */
export function ndjsonResponse(
  reader: AbortSignal,
  produce: (write: Write, signal: AbortSignal) => Promise<void>,
): Response {
  const gone = new AbortController();
  const signal = AbortSignal.any([reader, gone.signal]);
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  const write: Write = async (line) => {
    await writer.ready;
    await writer.write(encoder.encode(jsonLine(line)));
  };
  const run = async () => {
    try {
      await produce(write, signal);
    } catch (error) {
      if (!signal.aborted) {
        log().error({ err: error }, "a streamed answer failed");
        await write({ error: "It could not be completed." }).catch(() => {});
      }
    }
    await writer.close().catch(() => {});
  };
  writer.closed.catch(() => gone.abort());
  void run();
  return new Response(readable, {
    headers: { "content-type": "application/x-ndjson", "cache-control": "no-store, no-transform" },
  });
}
