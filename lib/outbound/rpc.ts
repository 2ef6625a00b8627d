/**
 * The one way out for gRPC: the same judgement of addresses as for HTTP, and none of what the library would do by
 * itself (retries, proxies, settings from DNS).
 */
import { isIP } from "node:net";
import {
  type ChannelCredentials,
  Client,
  connectivityState,
  credentials,
  Metadata,
  status,
} from "@grpc/grpc-js";
import {
  type OutboundCall,
  type OutboundCallAnswer,
  OutboundError,
  type OutboundRpc,
  socketPathOf,
} from "#lib/domain/outbound";
import { type Allowed, hostOf } from "./address.ts";
import { untilAborted } from "./client.ts";
import { judge, type Lookup } from "./judge.ts";

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

type RpcServer = Pick<OutboundCall, "server" | "tls" | "isServer" | "maxBytes">;

/** A server with one connection, for as many calls as its owner makes. */
export type RpcChannel = {
  /** @throws {OutboundError}; the signal's reason when it was aborted */
  call: (
    call: Pick<OutboundCall, "method" | "message" | "timeoutMs">,
    signal: AbortSignal,
  ) => Promise<OutboundCallAnswer>;
  close: () => void;
};

/**
 * A guarded `OutboundRpc`: a connection of its own for every call.
 *
 * @param allowed destinations and sockets that the installation opens beside the public internet
 */
export function outboundRpcTo(allowed: Allowed, lookup?: Lookup): OutboundRpc {
  return async (call, signal) => {
    signal.throwIfAborted();
    const deadline = AbortSignal.timeout(call.timeoutMs ?? TIMEOUT_MS);
    const opened = untilAborted(openRpc(call, allowed, lookup), AbortSignal.any([signal, deadline]));
    const channel = await opened.catch((error: unknown) => {
      signal.throwIfAborted();
      if (deadline.aborted) throw new OutboundError("timeout", `${whereOf(call)} had no address in time`);
      throw error;
    });
    try {
      return await channel.call(call, signal);
    } finally {
      channel.close();
    }
  };
}

/** @throws {OutboundError} when the destination is not allowed, or its certificate or key cannot be used */
export async function openRpc(server: RpcServer, allowed: Allowed, lookup?: Lookup): Promise<RpcChannel> {
  const belief: Belief = { isRefused: false };
  const target = await targetOf(server, allowed, lookup);
  const client = new Client(target, credentialsFor(server, belief), {
    ...sentName(server),
    "grpc.max_receive_message_length": server.maxBytes ?? MAX_ANSWER_BYTES,
    // One attempt is one attempt: when to ask again is the caller's business.
    "grpc.enable_retries": 0,
    // Addresses of proxies and settings of the service come from the configuration or not at all.
    "grpc.enable_http_proxy": 0,
    "grpc.service_config_disable_resolution": 1,
    // A connection with the old certificate must not outlive a rotation.
    "grpc.use_local_subchannel_pool": 1,
  });

  /** What went wrong before the server could say anything; `null` when it could. */
  function unreached(): string | null {
    if (client.getChannel().getConnectivityState(false) === connectivityState.READY) return null;
    return belief.isRefused ? "its certificate is not that of the server that was meant" : "no connection";
  }

  return {
    call({ method, message, timeoutMs = TIMEOUT_MS }, signal) {
      signal.throwIfAborted();
      const what = `${method} at ${whereOf(server)}`;
      const deadline = Date.now() + timeoutMs;
      return new Promise((resolve, reject) => {
        const pending = client.makeUnaryRequest(
          method,
          Buffer.from,
          (bytes: Buffer) => bytes,
          message,
          new Metadata(),
          { deadline },
          (error, answer) => {
            signal.removeEventListener("abort", cancel);
            if (error === null) resolve({ status: status.OK, message: answer ?? new Uint8Array() });
            else if (signal.aborted) reject(signal.reason);
            else if (Date.now() >= deadline)
              reject(new OutboundError("timeout", `${what} had no complete answer in time`));
            else {
              const failure = failureOf(error, what, unreached());
              if (failure) reject(failure);
              else resolve({ status: error.code, message: new Uint8Array() });
            }
          },
        );
        const cancel = () => pending.cancel();
        signal.addEventListener("abort", cancel, { once: true });
      });
    },
    close: () => client.close(),
  };
}

/** `null` = the server said it. What a server says in words is not looked at, except for the library's own. */
function failureOf(
  { code, details }: { code: number; details: string },
  what: string,
  unreached: string | null,
): OutboundError | null {
  if (code === status.RESOURCE_EXHAUSTED && details.startsWith("Received message larger than max")) {
    return new OutboundError("invalid_answer", `${what} was answered with too many bytes`);
  }
  return unreached === null ? null : new OutboundError("unreachable", `${what} failed: ${unreached}`);
}

/** The address for messages. A socket's path is the configuration's. */
const whereOf = ({ server }: RpcServer): string => socketPathOf(server) ?? new URL(server).host;

/** TLS sends no addresses as names; the server is judged by its certificate in any case. */
function sentName({ server }: RpcServer): object {
  if (socketPathOf(server) !== null) return {};
  const host = hostOf(new URL(server));
  return { "grpc.ssl_target_name_override": isIP(host) === 0 ? host : "server.invalid" };
}

/** Where to connect to: the addresses that were judged, and not a name that may mean another one by then. */
async function targetOf({ server }: RpcServer, allowed: Allowed, lookup?: Lookup): Promise<string> {
  const socket = socketPathOf(server);
  if (socket !== null) {
    if (allowed.sockets.has(socket)) return `unix:${socket}`;
    throw new OutboundError("refused", `TOUCHSTONE_OUTBOUND_ALLOW does not name the socket ${socket}`);
  }
  const url = new URL(server);
  const port = url.port || "443";
  const { addresses } = await judge(hostOf(url), allowed, lookup).catch((cause: unknown) => {
    if (cause instanceof OutboundError) throw cause;
    throw new OutboundError("unreachable", `${url.host}: its name has no address`, cause);
  });
  // One family at a time is what the library takes.
  const family = addresses[0]?.family;
  const same = addresses.filter((address) => address.family === family);
  return family === 6
    ? `ipv6:${same.map(({ address }) => `[${address}]:${port}`).join(",")}`
    : `ipv4:${same.map(({ address }) => `${address}:${port}`).join(",")}`;
}

/** Whether the server at the other end was not believed. */
type Belief = { isRefused: boolean };

function credentialsFor({ server, tls, isServer }: RpcServer, belief: Belief): ChannelCredentials {
  // Whoever may open a socket's file is trusted by it; over the network nothing goes in the clear.
  if (socketPathOf(server) !== null) return credentials.createInsecure();
  const [ca, cert, key] = [tls?.ca, tls?.cert, tls?.key].map((pem) => (pem ? Buffer.from(pem) : null));
  try {
    return credentials.createSsl(ca, key, cert, {
      rejectUnauthorized: true,
      checkServerIdentity(_host, { raw }) {
        if (isServer(raw)) return undefined;
        belief.isRefused = true;
        return new Error("another server");
      },
    });
  } catch (cause) {
    // What is wrong with a key is not repeated: the words of the library may quote it.
    throw new OutboundError("refused", "The certificate or key for this destination cannot be used", cause);
  }
}
