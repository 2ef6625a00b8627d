/**
 * A server to post to, in a process of its own: the ingest listener on a real database (`listener`),
 * or plain node:http that only parses what it gets (`echo`).
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { openDb } from "#db/client";
import { ingestHandler } from "#lib/ingest/http";
import { createIngest } from "#lib/ingest/ingest";
import { startIngestListener } from "#lib/server/ingest-listener";
import { testSealer } from "#tests/sealer";

const [mode = "", url = "", trustDomainId = "", sourceId = ""] = process.argv.slice(2);

async function listener(): Promise<number> {
  const actor = {
    kind: "api_key" as const,
    id: "bench",
    sourceId,
    scopes: ["ingest:write" as const],
    trustDomainIds: [trustDomainId],
  };
  const ingest = createIngest({
    db: openDb(url, 8),
    sealer: testSealer(),
    authenticate: async () => ({ actor }),
    now: () => new Date(),
    observe: () => {},
  });
  const handler = ingestHandler(ingest, (error) => console.error(error));
  const hostsOf = (bound: number) => new Set([`127.0.0.1:${bound}`]);
  const options = { host: "127.0.0.1", port: 0, sharePort: false, hostsOf, handler, admission: handler };
  return (await startIngestListener(options)).port;
}

async function echo(): Promise<number> {
  const server = createServer(async (request, response) => {
    const parsed: unknown = JSON.parse(Buffer.concat(await request.toArray()).toString());
    response.writeHead(202, { "content-type": "application/json" });
    response.end(JSON.stringify({ accepted: Array.isArray(parsed) ? parsed.length : 1 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

process.send?.({ port: await (mode === "echo" ? echo() : listener()) });
process.on("SIGTERM", () => process.exit(0));
process.on("disconnect", () => process.exit(0));
