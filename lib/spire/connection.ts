/** Calls to a SPIRE Server: gRPC, bounded in time and size, with files as credentials. */
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import {
  type ChannelCredentials,
  Client,
  connectivityState,
  credentials,
  Metadata,
  status,
} from "@grpc/grpc-js";
import { OutboundError } from "#lib/domain/outbound";
import { hostOf, NOTHING_ALLOWED, opening } from "#lib/outbound/address";
import { judge, type Lookup } from "#lib/outbound/judge";
import { type SpireEndpoint, socketPathOf } from "./endpoint.ts";
import type { Method } from "./protocol.ts";

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

/** @throws {SpireError} when a file cannot be read or does not hold what it should */
export async function openSpire(
  endpoint: SpireEndpoint,
  { signal, timeoutMs = TIMEOUT_MS, lookup }: CallOptions,
): Promise<SpireConnection> {
  const identity: ServerIdentity = { refusal: null };
  const client = new Client(await targetOf(endpoint.url, lookup), await credentialsFor(endpoint, identity), {
    ...sentName(endpoint),
    "grpc.max_receive_message_length": MAX_ANSWER_BYTES,
    // One attempt is one attempt: when to ask again is the caller's business.
    "grpc.enable_retries": 0,
    // Addresses of proxies and settings of the service come from the configuration or not at all.
    "grpc.enable_http_proxy": 0,
    "grpc.service_config_disable_resolution": 1,
    // A connection with the old certificate must not outlive a rotation.
    "grpc.use_local_subchannel_pool": 1,
  });

  function call(method: Method, request: object): Promise<unknown> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = method;
      const deadline = Date.now() + timeoutMs;
      const pending = client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        new Metadata(),
        { deadline },
        (error, answer) => {
          signal.removeEventListener("abort", cancel);
          if (error === null) resolve(answer);
          else if (signal.aborted) reject(signal.reason);
          else reject(failureOf(error.code, path, reached()));
        },
      );
      const cancel = () => pending.cancel();
      signal.addEventListener("abort", cancel, { once: true });
    });
  }

  /** What went wrong before the server could say anything; `null` when it could. */
  function reached(): string | null {
    if (client.getChannel().getConnectivityState(false) === connectivityState.READY) return null;
    return identity.refusal ?? "no connection";
  }

  return { call, close: () => client.close() };
}

/** TLS sends no addresses as names; the server's certificate is judged by its SPIFFE ID in any case. */
function sentName({ url, trustDomain }: SpireEndpoint): object {
  if (socketPathOf(url) !== null) return {};
  const host = hostOf(new URL(url));
  return { "grpc.ssl_target_name_override": isIP(host) === 0 ? host : trustDomain };
}

/**
 * Where to connect to: the addresses that were judged, and not a name that may mean another one by then. The
 * configuration names the server and thereby opens it.
 */
async function targetOf(url: string, lookup?: Lookup): Promise<string> {
  const socket = socketPathOf(url);
  if (socket !== null) return `unix:${socket}`;
  const server = new URL(url);
  const port = server.port || "443";
  try {
    const { addresses } = await judge(hostOf(server), opening(NOTHING_ALLOWED, url), lookup);
    // One family at a time is what the library takes.
    const family = addresses[0]?.family;
    const same = addresses.filter((address) => address.family === family);
    return family === 6
      ? `ipv6:${same.map(({ address }) => `[${address}]:${port}`).join(",")}`
      : `ipv4:${same.map(({ address }) => `${address}:${port}`).join(",")}`;
  } catch (cause) {
    const why = cause instanceof OutboundError ? cause.message : "its name has no address";
    throw new SpireError(`${server.host}: ${why}`, { isTransient: true, cause });
  }
}

/** Why the server at the other end was not believed; `null` while nothing spoke against it. */
type ServerIdentity = { refusal: string | null };

async function credentialsFor(
  endpoint: SpireEndpoint,
  identity: ServerIdentity,
): Promise<ChannelCredentials> {
  const { caFile, certFile, keyFile, trustDomain } = endpoint;
  if (caFile === undefined || certFile === undefined || keyFile === undefined) {
    return credentials.createInsecure();
  }
  const [ca, cert, key] = await Promise.all([fileBytes(caFile), fileBytes(certFile), fileBytes(keyFile)]);
  try {
    return credentials.createSsl(ca, key, cert, {
      rejectUnauthorized: true,
      checkServerIdentity(_host, { raw }) {
        if (isServerOf(raw, trustDomain)) return undefined;
        identity.refusal = `the certificate is not that of the server of ${trustDomain}`;
        return new Error(identity.refusal);
      },
    });
  } catch (cause) {
    throw new SpireError("the certificate files cannot be used", { isTransient: true, cause });
  }
}

async function fileBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "error";
    throw new SpireError(`cannot read ${path}: ${code}`, { isTransient: true, cause });
  }
}

/**
 * Whether a certificate is the X509-SVID of a trust domain's server. Every workload of the trust domain
 * has a certificate from the same authority, so the name decides; an SVID has exactly one URI.
 */
function isServerOf(der: Buffer, trustDomain: string): boolean {
  const names = new X509Certificate(der).subjectAltName?.split(", ") ?? [];
  const uris = names.filter((name) => name.startsWith("URI:"));
  return uris.length === 1 && uris[0] === `URI:spiffe://${trustDomain}/spire/server`;
}

const TRANSIENT: ReadonlySet<number> = new Set([
  status.CANCELLED,
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.UNAVAILABLE,
]);

function failureOf(code: number, path: string, unreached: string | null): SpireError {
  const why = unreached ?? `answered with ${status[code] ?? code}`;
  return new SpireError(`${path}: ${why}`, { isTransient: unreached !== null || TRANSIENT.has(code) });
}
