/**
 * The web server: ingest and admission by plain node:http, everything else by Next, jobs in the same process.
 *
 * Bound before Next is prepared, so that a taken port stops the start before anything else has begun.
 */
import { createServer, type IncomingMessage, Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import next from "next";
import { isIngestPath } from "#lib/ingest/http";
import { allJobs, startWorker } from "#lib/jobs/worker";
import { admission } from "#lib/server/admission/admission";
import { isAdmissionPath } from "#lib/server/admission/handler";
import { ADDRESS_HEADER, addressIsVouched } from "#lib/server/context";
import { endsWithin, JOBS_END_MS } from "#lib/server/ends-within";
import { env, listeningOn } from "#lib/server/env";
import { allowedHosts } from "#lib/server/http/origin";
import { answerIngest, insistOnTls, isMisdirected, refuse } from "#lib/server/http/plain";
import { ingest } from "#lib/server/ingest";
import { jobTools } from "#lib/server/job-tools";
import { log } from "#lib/server/log";
import { closeDatabases, closers, database } from "#lib/server/runtime";

/** Longest time that requests in flight may take at shutdown before they are cut. Milliseconds. */
const DRAIN_MS = 10_000;
/** Headers that only we may set, or that would make Next believe another address than ours. */
const FOREIGN_HEADERS = [
  ADDRESS_HEADER,
  "x-touchstone-path",
  "x-nonce",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-middleware-subrequest",
];

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

let serveNext: Handler | null = null;
let hosts: ReadonlySet<string> = new Set();

const server = createServer(
  { requestTimeout: 60_000, headersTimeout: 15_000, keepAliveTimeout: 20_000, maxHeaderSize: 16_384 },
  (request, response) => {
    serve(request, response).catch((error: unknown) => {
      log().error({ err: error }, "request failed");
      if (response.headersSent) response.destroy();
      else refuse(response, "server/error", "Something went wrong on our side.");
    });
  },
);

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? "";
  insistOnTls(response, env().url);
  if (isMisdirected(request, hosts)) {
    refuse(response, "request/misdirected", "This server is not the one that the request names.");
    return;
  }
  if (!serveNext) {
    refuse(response, "server/unavailable", "Touchstone is starting. Try again in a moment.");
    return;
  }
  for (const name of FOREIGN_HEADERS) delete request.headers[name];
  request.headers[ADDRESS_HEADER] = request.socket.remoteAddress ?? "";
  if (isIngestPath(path)) await answerIngest(ingest(), request, response);
  else if (isAdmissionPath(path)) await answerIngest(admission(), request, response);
  else await serveNext(request, response);
}

async function listen(): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(env().port, env().host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  listeningOn(port);
  hosts = allowedHosts(env(), port);
  return port;
}

async function main(): Promise<void> {
  const { host, worker } = env(); // a wrong configuration stops the start here
  const port = await listen();
  database(); // a missing address of the database stops the start here
  addressIsVouched().value = true;
  // Next listens for upgrades on the server that it is given. There are none here, so it gets one that
  // nobody can reach, and requests to upgrade are answered as ordinary ones.
  const app = next({
    dev: false,
    dir: import.meta.dirname,
    hostname: host,
    port,
    httpServer: new Server(),
    quiet: true,
  });
  await app.prepare();
  const handle = app.getRequestHandler();
  const stopWorker = new AbortController();
  const work = worker
    ? startWorker(
        { db: database(), now: () => new Date(), log: log(), signal: stopWorker.signal },
        allJobs(jobTools()),
      )
    : Promise.resolve();
  let stopping = false;
  const stop = (why: string) => {
    if (stopping) return;
    stopping = true;
    shutDown(why, { close: () => app.close(), work, stopWorker }).catch((error: unknown) => {
      log().error({ err: error }, "shutdown failed");
      process.exit(1);
    });
  };
  process.on("SIGTERM", () => stop("SIGTERM"));
  process.on("SIGINT", () => stop("SIGINT"));
  // The launcher is gone: nobody would stop us or the database any more.
  process.on("disconnect", () => stop("launcher gone"));
  if (process.send && !process.connected) stop("launcher gone");

  serveNext = (request, response) => handle(request, response);
  log().info({ port, url: env().url }, "serving");
  process.send?.("ready");
  process.send?.({ type: "ready", port });
}

/** Streams first, since they never end; then requests, pages' leftovers, jobs, and the database last. */
async function shutDown(
  why: string,
  parts: { close: () => Promise<void>; work: Promise<void>; stopWorker: AbortController },
): Promise<void> {
  log().info({ why }, "stopping");
  const drained = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const close of [...closers()]) close();
  parts.stopWorker.abort();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await drained;
  clearTimeout(cut);
  for (const close of [...closers()]) close();
  await parts.close();
  if (!(await endsWithin(parts.work, JOBS_END_MS))) {
    log().warn("a job did not end in time; what it was doing is rolled back");
    process.exit(1);
  }
  await closeDatabases();
  log().info("stopped");
  process.exit(0);
}

main().catch((error: unknown) => {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === "EADDRINUSE" ? `The port is in use: ${message}` : message;
  process.stderr.write(`touchstone: ${reason}\n`);
  process.exit(1);
});
