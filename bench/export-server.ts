/**
 * What B36 reads: lists as the export route sends them, or the same rows read whole. Says over its channel how much memory
 * the process held when the first byte of an answer left it, and at most until the last.
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { openDb } from "#db/client";
import { scopedDb } from "#db/scoped";
import { EXPORTS } from "#lib/contracts/export";
import { attachment, piecesOf } from "#lib/server/http/attachment";
import { auditExport } from "#lib/services/audit/export";
import type { ServiceContext } from "#lib/services/context";
import { exportList } from "#lib/services/export/stream";

const SAMPLE_MS = 10;
const [url = "", trustDomainId = ""] = process.argv.slice(2);
const pool = openDb(url, 4).$client;
const ctx: ServiceContext = {
  db: scopedDb(pool, [trustDomainId]),
  actor: { kind: "system", id: "bench", trustDomainIds: [trustDomainId] },
  requestId: "bench",
  address: null,
  now: () => new Date(),
};

const rss = () => process.memoryUsage.rss();

async function answer(path: string, response: ServerResponse): Promise<void> {
  const [way, what] = path.slice(1).split("/");
  const name = what === "audit" ? what : EXPORTS.find((one) => one === what);
  if (!name) throw new Error(`There is no list ${what}`);
  const format = "jsonl";
  const pieces =
    name === "audit" ? await auditExport(ctx, { format }) : await exportList(ctx, name, { format }, "bench");
  let [first, most] = [0, 0];
  const look = () => {
    first ||= rss();
    most = Math.max(most, rss());
  };
  // Read whole, everything stands in memory before the first byte leaves.
  if (way === "whole") look();
  const timer = setInterval(() => (response.headersSent ? look() : null), SAMPLE_MS);
  if (way === "whole") {
    const text = (await Array.fromAsync(pieces)).join("");
    look();
    response.writeHead(200).end(text);
    await new Promise((resolve) => response.once("close", resolve));
  } else {
    const { body } = attachment(piecesOf(pieces), { name, mediaType: "application/jsonl" });
    response.writeHead(200);
    if (body) await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), response);
  }
  clearInterval(timer);
  look();
  process.send?.({ first, most });
}

const server = createServer((request, response) => {
  void answer(request.url ?? "", response).catch((error: unknown) => {
    process.stderr.write(`${error}\n`);
    process.exit(1);
  });
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit(0));
