/** The ingest handler behind plain node:http, with one source and a key that needs no look-up. */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { openDb } from "#db/client";
import { ingestHandler } from "#lib/ingest/http";
import { createIngest } from "#lib/ingest/ingest";
import { testSealer } from "#tests/sealer";

const db = openDb(process.argv[2] ?? "", 4);
const trustDomainId = randomUUID();
const sourceId = randomUUID();
const now = new Date();
await db.$client.query("INSERT INTO trust_domain (id, name, created_at) VALUES ($1, 'bench', $2)", [
  trustDomainId,
  now,
]);
await db.$client.query(
  `INSERT INTO source (trust_domain_id, id, kind, name, accept_past_ms, accept_future_ms, stale_after_ms, created_at)
   VALUES ($1, $2, 'generic', 'bench', 86400000, 300000, 900000, $3)`,
  [trustDomainId, sourceId, now],
);
const handle = ingestHandler(
  createIngest({
    db,
    sealer: testSealer(),
    authenticate: async () => ({
      actor: {
        kind: "api_key",
        id: "bench",
        sourceId,
        scopes: ["ingest:write"],
        trustDomainIds: [trustDomainId],
      },
    }),
    now: () => new Date(),
    observe: () => {},
  }),
  (error) => console.error(error),
);
const server = createServer(async (incoming, outgoing) => {
  const headers = incoming.headers as Record<string, string | undefined>;
  const response = await handle({
    method: incoming.method ?? "",
    path: incoming.url ?? "",
    headers,
    body: incoming,
  });
  outgoing.writeHead(response.status, response.headers).end(response.body);
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("SIGTERM", () => process.exit(0));
process.on("disconnect", () => process.exit(0));
