/** Calls to a SPIRE Server: gRPC, bounded in time and size, with files as credentials. */
import { readFile } from "node:fs/promises";
import { type OutboundCallAnswer, OutboundError, socketPathOf } from "#lib/domain/outbound";
import { NOTHING_ALLOWED, opening } from "#lib/outbound/address";
import type { Lookup } from "#lib/outbound/judge";
import { openRpc } from "#lib/outbound/rpc";
import { isServerOf, type SpireEndpoint } from "./endpoint.ts";
import { isTransientStatus, type Method, statusName } from "./protocol.ts";

const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const TIMEOUT_MS = 15_000;

/** Why a call gave no usable answer. The message never quotes what a server said. */
export class SpireError extends Error {
  override readonly name = "SpireError";
  /** Asking again may help. */
  readonly isTransient: boolean;

  constructor(message: string, { isTransient, cause }: { isTransient: boolean; cause?: unknown }) {
    super(message, { cause });
    this.isTransient = isTransient;
  }
}

/** One opened server, with the credentials as they stood in their files then. */
export type SpireConnection = {
  /** @throws {SpireError} when there is no answer, or one that cannot be read */
  call: (method: Method, request: object) => Promise<unknown>;
  close: () => void;
};

/** `lookup` is the name server; absent = the system's. */
export type CallOptions = { signal: AbortSignal; timeoutMs?: number; lookup?: Lookup };

/**
 * Open a server. The configuration names it and thereby allows its addresses, or its socket.
 *
 * @throws {SpireError} when a file cannot be read or does not hold what it should
 */
export async function openSpire(
  endpoint: SpireEndpoint,
  { signal, timeoutMs = TIMEOUT_MS, lookup }: CallOptions,
): Promise<SpireConnection> {
  const { url, trustDomain } = endpoint;
  const server = {
    server: url,
    isServer: (certificate: Uint8Array) => isServerOf(certificate, trustDomain),
    maxBytes: MAX_ANSWER_BYTES,
    ...(await tlsOf(endpoint)),
  };
  const channel = await orSpireError(openRpc(server, opening(NOTHING_ALLOWED, url), lookup));
  return {
    async call({ path, encode, decode }, request) {
      const call = { method: path, message: encode(request), timeoutMs };
      return answerOf(path, decode, await orSpireError(channel.call(call, signal)));
    },
    close: channel.close,
  };
}

function answerOf(path: string, decode: Method["decode"], { status, message }: OutboundCallAnswer): unknown {
  if (status !== 0) {
    const isTransient = isTransientStatus(status);
    throw new SpireError(`${path}: answered with ${statusName(status)}`, { isTransient });
  }
  try {
    return decode(message);
  } catch (cause) {
    throw new SpireError(`${path}: the answer cannot be read`, { isTransient: false, cause });
  }
}

async function orSpireError<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (!(cause instanceof OutboundError)) throw cause;
    throw new SpireError(cause.message, { isTransient: cause.failure !== "invalid_answer", cause });
  }
}

async function tlsOf({ url, caFile, certFile, keyFile }: SpireEndpoint) {
  if (socketPathOf(url) !== null || !caFile || !certFile || !keyFile) return {};
  const [ca, cert, key] = await Promise.all([fileText(caFile), fileText(certFile), fileText(keyFile)]);
  return { tls: { ca, cert, key } };
}

async function fileText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "error";
    throw new SpireError(`cannot read ${path}: ${code}`, { isTransient: true, cause });
  }
}
