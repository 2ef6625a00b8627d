/**
 * The one way out for requests whose address an operator wrote: it cannot be led inside.
 *
 * Every address that a name stands for is judged before it is used, and exactly the judged addresses are
 * connected to, so that a name cannot mean something else a moment later. Redirects are answers.
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import {
  type Outbound,
  type OutboundAnswer,
  OutboundError,
  type OutboundRequest,
} from "#lib/domain/outbound";
import { type Allowed, hostOf } from "./address.ts";
import { type Address, judge, type Lookup, pinned } from "./judge.ts";

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * A guarded `Outbound`.
 *
 * @param allowed destinations that the installation opens beside the public internet
 */
export function outboundTo(allowed: Allowed, lookup?: Lookup): Outbound {
  return async (init, signal) => {
    signal.throwIfAborted();
    const url = urlOf(init.url);
    const what = `${init.method} ${url.origin}${url.pathname}`;
    const deadline = AbortSignal.timeout(init.timeoutMs ?? TIMEOUT_MS);
    const both = AbortSignal.any([signal, deadline]);
    let request: ClientRequest | null = null;
    try {
      const addresses = await untilAborted(addressesFor(url, allowed, lookup), both);
      request = open(init, url, addresses, both);
      const response = await responseTo(request, init.body);
      const status = response.statusCode ?? 0;
      if (status >= 300 && status < 400) {
        throw new OutboundError(
          "invalid_answer",
          `${what} was answered with a redirect, which is never followed`,
        );
      }
      return await answerOf(response, init.maxBytes ?? MAX_ANSWER_BYTES, what);
    } catch (cause) {
      request?.destroy();
      if (cause instanceof OutboundError) throw cause;
      signal.throwIfAborted();
      if (deadline.aborted) throw new OutboundError("timeout", `${what} had no complete answer in time`);
      throw new OutboundError("unreachable", `${what} failed: ${codeOf(cause)}`, cause);
    }
  };
}

function urlOf(text: string): URL {
  const refuse = (why: string) => new OutboundError("refused", `The address ${why}`);
  if (!URL.canParse(text)) throw refuse("is no URL");
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refuse("is not https");
  if (url.username !== "" || url.password !== "") throw refuse("holds a user name");
  return url;
}

async function addressesFor(url: URL, allowed: Allowed, lookup?: Lookup): Promise<readonly Address[]> {
  const host = hostOf(url);
  const { addresses, opened } = await judge(host, allowed, lookup);
  if (!opened && url.protocol !== "https:")
    throw new OutboundError("refused", `${host} may only be reached over https`);
  return addresses;
}

function open(
  { method, headers = {}, body, tls }: OutboundRequest,
  url: URL,
  addresses: readonly Address[],
  signal: AbortSignal,
): ClientRequest {
  const common = {
    method,
    lookup: pinned(addresses),
    signal,
    // A connection of its own: nothing that another request opened is reused, under other credentials.
    agent: false,
    headers: {
      accept: "application/json",
      "accept-encoding": "identity",
      "user-agent": "touchstone",
      ...headers,
      ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
    },
  } as const;
  if (url.protocol === "http:") return httpRequest(url, common);
  try {
    return httpsRequest(url, {
      ...common,
      ca: tls?.ca,
      cert: tls?.cert,
      key: tls?.key,
      servername: tls?.serverName,
      minVersion: "TLSv1.2",
    });
  } catch (cause) {
    // What is wrong with a key is not repeated: the words of the library may quote it.
    throw new OutboundError("refused", "The certificate or key for this destination cannot be used", cause);
  }
}

function responseTo(request: ClientRequest, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    // Stays: a connection that breaks later must not end the process.
    request.on("error", reject);
    request.end(body);
  });
}

async function answerOf(response: IncomingMessage, maxBytes: number, what: string): Promise<OutboundAnswer> {
  const unusable = (why: string) => new OutboundError("invalid_answer", `${what} was answered ${why}`);
  const encoding = response.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") throw unusable("in an encoding that was not asked for");
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw unusable(`with more than ${maxBytes} bytes`);
    parts.push(chunk);
  }
  const headers = Object.fromEntries(
    Object.entries(response.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
  return { status: response.statusCode ?? 0, headers, body: Buffer.concat(parts) };
}

/** A name server that does not answer must not hold up an abort. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** Node's own word for it; its messages name hosts and certificates, and are left to the log. */
function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? "no answer";
}
