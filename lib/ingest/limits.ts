/** What one request may cost: everything is capped before it is buffered. */
import { createGunzip } from "node:zlib";
import { ProblemError } from "#lib/domain/problems";

/** Bytes on the wire. */
const MAX_WIRE_BYTES = 1024 * 1024;
/** Bytes after decompression. */
const MAX_INFLATED_BYTES = 4 * 1024 * 1024;
export const MAX_EVENTS = 1_000;
/** Strings (keys included) in one batch: a thousand events of a hundred strings each. */
export const MAX_BATCH_STRINGS = 100_000;
/** Bytes of a refused event that are kept. */
export const MAX_REJECTED_BYTES = 64 * 1024;

type BodyHeaders = { contentLength: string | undefined; contentEncoding: string | undefined };

/**
 * Read a request body within the caps, decompressing gzip.
 *
 * @throws {ProblemError} `request/too-large`, `request/malformed` (broken gzip) or
 *   `request/unsupported-media-type` (another content encoding)
 */
export async function readBody(body: AsyncIterable<Uint8Array>, headers: BodyHeaders): Promise<Buffer> {
  if (Number(headers.contentLength ?? 0) > MAX_WIRE_BYTES) throw tooLarge(MAX_WIRE_BYTES, "sent");
  const wire = await collect(body, MAX_WIRE_BYTES, "sent");
  switch (headers.contentEncoding?.trim().toLowerCase() ?? "identity") {
    case "identity":
      return wire;
    case "gzip":
      return inflate(wire);
    default:
      throw new ProblemError(
        "request/unsupported-media-type",
        "Send the body plain or with Content-Encoding: gzip.",
      );
  }
}

async function inflate(wire: Buffer): Promise<Buffer> {
  const gunzip = createGunzip();
  gunzip.end(wire);
  try {
    return await collect(gunzip, MAX_INFLATED_BYTES, "decompressed");
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError("request/malformed", "The body is not valid gzip.", { cause: error });
  } finally {
    gunzip.destroy();
  }
}

async function collect(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
  what: "sent" | "decompressed",
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge(limit, what);
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

function tooLarge(limit: number, what: "sent" | "decompressed"): ProblemError {
  return new ProblemError("request/too-large", `At most ${limit / 1024} KiB may be ${what} in one request.`);
}
