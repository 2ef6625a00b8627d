/** What leaves this machine on somebody's behalf: the one shape of a request, an answer and a failure. */

export type OutboundRequest = {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute, `https:`; `http:` only where the installation allows it by name or range. */
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** PEM texts; absent = the system's authorities and no client certificate. */
  tls?: { ca?: string; cert?: string; key?: string; serverName?: string };
  /** For the whole exchange; 15 seconds unless said. */
  timeoutMs?: number;
  /** Largest answer that is read; 4 MiB unless said. */
  maxBytes?: number;
};

/** Header names are lower case. Whatever the status is: what it means is the caller's business. */
export type OutboundAnswer = {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
};

/** @throws {OutboundError}; the signal's reason when it was aborted */
export type Outbound = (request: OutboundRequest, signal: AbortSignal) => Promise<OutboundAnswer>;

/**
 * Why there is no usable answer. `refused` = it was never sent: the destination is not allowed. After
 * the others nobody knows whether the request took effect.
 */
export type OutboundFailure = "refused" | "unreachable" | "timeout" | "invalid_answer";

/** The message names methods, hosts and paths, and never a header, a query or a body. */
export class OutboundError extends Error {
  override readonly name = "OutboundError";
  readonly failure: OutboundFailure;

  constructor(failure: OutboundFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }
}

/** One unary call over gRPC. What the messages say is known to whoever encodes them. */
export type OutboundCall = {
  /** `https://host:port`, or `unix:///path` of a socket that the installation opens. */
  server: string;
  /** `/package.Service/Method`. */
  method: string;
  message: Uint8Array;
  /** PEM texts; absent for a socket. */
  tls?: { ca: string; cert: string; key: string };
  /** Judges the server by its certificate (DER) instead of by its host name. */
  isServer: (certificate: Uint8Array) => boolean;
  /** For the whole exchange; 15 seconds unless said. */
  timeoutMs?: number;
  /** Largest answer that is read; 4 MiB unless said. */
  maxBytes?: number;
};

/** `status` is that of gRPC, 0 = OK; what any other one means is the caller's business. */
export type OutboundCallAnswer = { status: number; message: Uint8Array };

/** @throws {OutboundError}; the signal's reason when it was aborted */
export type OutboundRpc = (call: OutboundCall, signal: AbortSignal) => Promise<OutboundCallAnswer>;

const SOCKET = /^unix:\/\/(\/[^\0]+)$/;

/** What is behind `unix:///path`; `null` for any other address. */
export function socketPathOf(url: string): string | null {
  return SOCKET.exec(url)?.[1] ?? null;
}

/** Bytes for whoever listens at a port, over TLS; nothing is read back. */
export type OutboundStreamRequest = {
  /** A name or an address. */
  host: string;
  port: number;
  /** PEM texts; absent = the system's authorities and no client certificate. */
  tls: { ca?: string; cert?: string; key?: string };
  body: string;
  /** For the whole of it; 15 seconds unless said. */
  timeoutMs?: number;
};

/**
 * Resolves once the other side was given everything and has closed its end in good order, or kept silent for a while.
 *
 * @throws {OutboundError}; the signal's reason when it was aborted
 */
export type OutboundStream = (request: OutboundStreamRequest, signal: AbortSignal) => Promise<void>;
