/** Bytes over TLS to an address that an operator wrote: judged and pinned like requests. */
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { OutboundError, type OutboundStream, type OutboundStreamRequest } from "#lib/domain/outbound";
import type { Allowed } from "./address.ts";
import { type Address, judge, type Lookup, pinned } from "./judge.ts";

const TIMEOUT_MS = 15_000;
/** How long the other side may take to close after us before its silence is taken for consent. */
const LINGER_MS = 2_000;

/** A guarded `OutboundStream`. @param allowed destinations that the installation opens beside the public internet */
export function outboundStreamTo(allowed: Allowed, lookup?: Lookup): OutboundStream {
  return async (init, signal) => {
    signal.throwIfAborted();
    const what = `The connection to ${init.host}:${init.port}`;
    const deadline = AbortSignal.timeout(init.timeoutMs ?? TIMEOUT_MS);
    const both = AbortSignal.any([signal, deadline]);
    let socket: TLSSocket | null = null;
    try {
      const { addresses } = await judge(hostOf(init.host), allowed, lookup);
      both.throwIfAborted();
      socket = open(init, addresses);
      await given(socket, init.body, both);
    } catch (cause) {
      if (cause instanceof OutboundError) throw cause;
      signal.throwIfAborted();
      if (deadline.aborted) throw new OutboundError("timeout", `${what} took too long`);
      const code = (cause as { code?: string }).code ?? "no answer";
      throw new OutboundError("unreachable", `${what} failed: ${code}`, cause);
    } finally {
      socket?.destroy();
    }
  };
}

const hostOf = (host: string): string => host.replace(/\.$/, "").toLowerCase();

function open({ host, port, tls }: OutboundStreamRequest, addresses: readonly Address[]): TLSSocket {
  try {
    return connect({
      host: hostOf(host),
      port,
      lookup: pinned(addresses),
      minVersion: "TLSv1.2",
      ...(isIP(host) === 0 ? { servername: hostOf(host) } : {}),
      ...tls,
    });
  } catch (cause) {
    throw new OutboundError("refused", "The certificate or key for this destination cannot be used", cause);
  }
}

/** Send everything, close our end, and wait until the other side closes its. */
function given(socket: TLSSocket, body: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    let linger: NodeJS.Timeout | undefined;
    let sent = false;
    socket.once("secureConnect", () => {
      socket.end(body, () => {
        sent = true;
        linger = setTimeout(resolve, LINGER_MS);
      });
    });
    socket.on("error", reject);
    // It must read to see our end; what it may have to say is not for us.
    socket.resume();
    socket.once("close", (hadError) => {
      clearTimeout(linger);
      signal.removeEventListener("abort", stop);
      if (sent && !hadError) resolve();
      else reject(Object.assign(new Error("closed"), { code: "ECONNRESET" }));
    });
  });
}
