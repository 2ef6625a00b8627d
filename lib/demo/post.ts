/** Sends parcels to a server and waits for its word that they are stored. */
import { setTimeout as sleep } from "node:timers/promises";
import type { IngestResult } from "#lib/contracts/ingest";
import type { Parcel } from "./envelope.ts";
import type { Channel } from "./history.ts";

export type PostTarget = {
  /** Address of the server, without a trailing slash. */
  url: string;
  apiKeys: Readonly<Record<Channel, string>>;
  signal: AbortSignal;
};

const ATTEMPTS = 6;
const FIRST_WAIT_MS = 250;
const TIMEOUT_MS = 60_000;

/**
 * Post one parcel; a busy or restarting server is asked again.
 *
 * Sending the same parcel twice is safe: the server knows its events by their bytes.
 *
 * @throws when the server refuses the whole request, or cannot be reached for some seconds
 */
export async function postParcel(target: PostTarget, parcel: Parcel): Promise<IngestResult> {
  for (let attempt = 1; ; attempt += 1) {
    target.signal.throwIfAborted();
    const outcome = await attemptPost(target, parcel);
    if (typeof outcome !== "string") return outcome;
    if (attempt === ATTEMPTS) throw new Error(`${parcel.path} failed ${ATTEMPTS} times: ${outcome}`);
    await sleep(FIRST_WAIT_MS * 2 ** (attempt - 1), undefined, { signal: target.signal });
  }
}

/** @returns the answer, or why it is worth another attempt */
async function attemptPost(
  { url, apiKeys, signal }: PostTarget,
  parcel: Parcel,
): Promise<IngestResult | string> {
  const { channel, path, contentType, body } = parcel;
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: {
        "content-type": contentType,
        "content-encoding": "gzip",
        authorization: `Bearer ${apiKeys[channel]}`,
      },
      body: new Uint8Array(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    text = await response.text();
  } catch (error) {
    signal.throwIfAborted();
    const { message, cause } = error as Error;
    return cause instanceof Error ? `${message} (${cause.message})` : message;
  }
  if (response.status === 202) return JSON.parse(text) as IngestResult;
  const reason = `${response.status} ${problemOf(text)}`;
  if (response.status === 429 || response.status >= 500) return reason;
  throw new Error(`the server refused a ${channel} request: ${reason}`);
}

/** The human part of a problem document. */
function problemOf(text: string): string {
  try {
    const { title, detail } = JSON.parse(text) as { title?: string; detail?: string };
    return [title, detail].filter(Boolean).join(": ");
  } catch {
    return text.slice(0, 200);
  }
}
