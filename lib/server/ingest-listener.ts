/** The endpoints of ingest and admission without Next: the same handlers, limits and answers, in a process of its own. */
import "server-only";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type IngestHandler, isIngestPath } from "#lib/ingest/http";
import { isAdmissionPath } from "./admission/handler.ts";
import { ADDRESS_HEADER } from "./context.ts";
import { readiness } from "./health.ts";
import { answerIngest, isMisdirected, refuse } from "./http/plain.ts";
import { log } from "./log.ts";
import { ingestExposition } from "./metrics.ts";

/** Longest time that requests in flight may take at shutdown before they are cut. Milliseconds. */
const DRAIN_MS = 10_000;

export type ListenerOptions = {
  host: string;
  /** 0 = any free one. */
  port: number;
  /** Other processes may listen on the same port; the system spreads connections over them. */
  sharePort: boolean;
  /** Values of `Host` that are answered, once the port is known. */
  hostsOf: (port: number) => ReadonlySet<string>;
  handler: IngestHandler;
  /** Answers the admission endpoints. */
  admission: IngestHandler;
};

export type Listener = {
  port: number;
  /** Takes no new connections, lets requests in flight finish, then resolves. Idempotent. */
  stop: () => Promise<void>;
};

/** Start to listen. Rejects when the port is taken. */
export async function startIngestListener(options: ListenerOptions): Promise<Listener> {
  let hosts: ReadonlySet<string> = new Set();
  const server = createServer(
    { requestTimeout: 60_000, headersTimeout: 15_000, keepAliveTimeout: 20_000, maxHeaderSize: 16_384 },
    (request, response) => {
      answer(request, response, hosts, options).catch((error: unknown) => {
        log().error({ err: error }, "request failed");
        if (response.headersSent) response.destroy();
        else refuse(response, "server/error", "Something went wrong on our side.");
      });
    },
  );
  const { host, port, sharePort } = options;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, reusePort: sharePort }, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  hosts = options.hostsOf(bound);
  let stopping: Promise<void> | null = null;
  return {
    port: bound,
    stop: () => {
      stopping ??= drain(server);
      return stopping;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  hosts: ReadonlySet<string>,
  { handler, admission }: Pick<ListenerOptions, "handler" | "admission">,
): Promise<void> {
  if (isMisdirected(request, hosts)) {
    refuse(response, "request/misdirected", "This server is not the one that the request names.");
    return;
  }
  const path = request.url ?? "";
  if (isIngestPath(path)) return answerIngest(handler, request, response);
  if (isAdmissionPath(path)) {
    request.headers[ADDRESS_HEADER] = request.socket.remoteAddress ?? "";
    return answerIngest(admission, request, response);
  }
  if (request.method !== "GET" && request.method !== "HEAD") return notHere(response);
  switch (path.split("?")[0]) {
    case "/api/health/live":
      return send(response, 200, "application/json", JSON.stringify({ status: "ok" }));
    case "/api/health/ready": {
      const { ready, ...checks } = await readiness();
      const body = { status: ready ? "ok" : "unavailable", checks };
      return send(response, ready ? 200 : 503, "application/json", JSON.stringify(body));
    }
    case "/metrics": {
      const { body, contentType } = await ingestExposition();
      return send(response, 200, contentType, body);
    }
    default:
      return notHere(response);
  }
}

function notHere(response: ServerResponse): void {
  refuse(
    response,
    "route/not-found",
    "This process takes events in and answers admissions; it serves nothing else.",
  );
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}

async function drain(server: Server): Promise<void> {
  const drained = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await drained;
  clearTimeout(cut);
}
