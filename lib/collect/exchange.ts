/** One HTTP request: bounded in time and size, over TLS with files as credentials, never redirected. */
import { readFile } from "node:fs/promises";
import {
  type ClientRequest,
  type Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { type Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { NOTHING_ALLOWED, opening } from "#lib/outbound/address";
import { guardedAgent } from "#lib/outbound/agent";
import { type Answer, FetchError } from "./contract.ts";
import type { Endpoint } from "./endpoint.ts";

/** A server with the credentials for it, as they stood in their files when it was opened. */
export type Connection = {
  base: URL;
  agent: HttpAgent | HttpsAgent;
  headers: Readonly<Record<string, string>>;
};

export type ExchangeOptions = {
  /** Without it the request is a GET. */
  post?: { contentType: string; body: Buffer };
  maxBytes: number;
  timeoutMs: number;
  signal: AbortSignal;
};

/** @throws {FetchError} when a file cannot be read or does not hold what it should */
export async function connect(endpoint: Endpoint): Promise<Connection> {
  const { url, caFile, certFile, keyFile, tokenFile, serverName } = endpoint;
  const base = new URL(url.endsWith("/") ? url : `${url}/`);
  const [ca, cert, key, token] = await Promise.all([caFile, certFile, keyFile, tokenFile].map(fileText));
  const headers: Record<string, string> = { accept: "application/json", "accept-encoding": "identity" };
  if (token !== undefined) headers.authorization = `Bearer ${bearerOf(token, tokenFile)}`;
  // The configuration names the server and thereby opens it, wherever it stands; nothing else is opened.
  const allowed = opening(NOTHING_ALLOWED, base.href);
  if (base.protocol === "http:")
    return { base, agent: guardedAgent("http:", allowed, { keepAlive: true }), headers };
  try {
    const tls = { ca, cert, key, servername: serverName, minVersion: "TLSv1.2" } as const;
    const agent = guardedAgent("https:", allowed, { ...tls, keepAlive: true, rejectUnauthorized: true });
    return { base, agent, headers };
  } catch (cause) {
    throw new FetchError("the certificate files cannot be used", { isTransient: true, cause });
  }
}

async function fileText(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new FetchError(`cannot read ${path}: ${(cause as NodeJS.ErrnoException).code ?? "error"}`, {
      isTransient: true,
      cause,
    });
  }
}

function bearerOf(text: string, path = "the token file"): string {
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new FetchError(`${path} holds no token`, { isTransient: true });
  return token;
}

/** @throws {FetchError} when nobody answers in time, the answer is too large, or it leads elsewhere */
export async function exchange(
  { base, agent, headers }: Connection,
  path: string,
  { post, maxBytes, timeoutMs, signal }: ExchangeOptions,
): Promise<Answer> {
  signal.throwIfAborted();
  const url = new URL(path.replace(/^\/+/, ""), base);
  const what = `${post ? "POST" : "GET"} ${url.pathname}`;
  const deadline = AbortSignal.timeout(timeoutMs);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const request = send(url, {
    agent,
    method: post ? "POST" : "GET",
    headers: post
      ? { ...headers, "content-type": post.contentType, "content-length": String(post.body.byteLength) }
      : headers,
    signal: AbortSignal.any([signal, deadline]),
  });
  try {
    const response = await responseTo(request, post?.body);
    const status = response.statusCode ?? 0;
    if (status >= 300 && status < 400) {
      throw new FetchError(`${what} was answered with a redirect (${status}), which is never followed`, {
        isTransient: false,
      });
    }
    return { status, body: await bodyOf(response, maxBytes, what) };
  } catch (cause) {
    request.destroy();
    if (cause instanceof FetchError) throw cause;
    signal.throwIfAborted();
    const why = deadline.aborted ? `no complete answer in ${timeoutMs} ms` : failureOf(cause);
    throw new FetchError(`${what} failed: ${why}`, { isTransient: true, cause });
  }
}

function responseTo(request: ClientRequest, body: Buffer | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    // Stays: a connection that breaks later must not end the process.
    request.on("error", reject);
    request.end(body);
  });
}

async function bodyOf(response: IncomingMessage, maxBytes: number, what: string): Promise<Buffer> {
  const tooLarge = () =>
    new FetchError(`${what} was answered with more than ${maxBytes} bytes`, { isTransient: false });
  if (Number(response.headers["content-length"] ?? 0) > maxBytes) throw tooLarge();
  const encoding = response.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") {
    throw new FetchError(`${what} was answered in the encoding ${encoding}, which was not asked for`, {
      isTransient: false,
    });
  }
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge();
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/** Node's own words, which name hosts and certificates and never what was exchanged. */
function failureOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return [code, message].filter(Boolean).join(": ").slice(0, 300) || "unknown error";
}
