/** Reading a JSON body without trusting its length. */
import "server-only";
import { ProblemError } from "#lib/domain/problems";

const MAX_BYTES = 256 * 1024;

/**
 * Parse the body of an administrative request; ingest has limits of its own.
 *
 * @param maxBytes for the few requests that carry a document
 * @throws {ProblemError} `request/too-large`, `request/malformed`
 */
export async function readJsonBody(request: Request, maxBytes = MAX_BYTES): Promise<unknown> {
  const text = await readTextBody(request, maxBytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ProblemError("request/malformed", "The body is not JSON.", { cause });
  }
}

/** The body exactly as it came: what a signature was made over. @throws as {@link readJsonBody} */
export async function readTextBody(request: Request, maxBytes = MAX_BYTES): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = Number(request.headers.get("content-length") ?? 0);
  if (size > maxBytes) throw tooLarge(maxBytes);
  size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new ProblemError("request/malformed", "The body is not UTF-8.", { cause });
  }
}

function tooLarge(maxBytes: number): ProblemError {
  return new ProblemError("request/too-large", `At most ${maxBytes / 1024} KiB are accepted here.`);
}
