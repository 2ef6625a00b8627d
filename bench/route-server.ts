/**
 * The ingest routes of the production build, reached through Next as another server than ours would reach
 * them: nothing answers before Next does. Settings come from the environment; needs a build.
 */
import { createServer, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import next from "next";
import { listeningOn } from "#lib/server/env";

type Handle = ReturnType<ReturnType<typeof next>["getRequestHandler"]>;

let handle: Handle | null = null;
const server = createServer((request, response) => {
  if (handle === null) response.writeHead(503).end();
  else void handle(request, response);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;
listeningOn(port);
const app = next({
  dev: false,
  dir: join(import.meta.dirname, ".."),
  hostname: "127.0.0.1",
  port,
  httpServer: new Server(),
  quiet: true,
});
await app.prepare();
handle = app.getRequestHandler();
process.send?.({ port });
process.on("SIGTERM", () => process.exit(0));
process.on("disconnect", () => process.exit(0));
