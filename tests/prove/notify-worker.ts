/** The worker that is killed: routes and sends, as fast as it can. Arguments: database, whether the bug is planted. */
import { openDb } from "#db/client";
import { createSealer } from "#db/sealing";
import { CHANNELS } from "#lib/notify/registry";
import { readAllowed } from "#lib/outbound/address";
import { outboundTo } from "#lib/outbound/client";
import { mailTo } from "#lib/outbound/mail";
import { deliverDue } from "#lib/services/notification/deliver";
import { routeEvents } from "#lib/services/notification/route-events";

const [, , databaseUrl = "", planted = "false"] = process.argv;
const { $client: pool } = openDb(databaseUrl, 4);
const key = { version: 1, bytes: Buffer.alloc(32, 5) };
const allowed = readAllowed("127.0.0.1");
const tools = {
  kinds: CHANNELS,
  sealer: createSealer({ read: () => [key], make: () => key }),
  outbound: outboundTo(allowed),
  mail: mailTo(allowed),
  origin: "http://127.0.0.1",
  spread: () => 0.5,
};
if (planted === "true") {
  const query = pool.query.bind(pool) as (text: string, values: unknown[]) => Promise<unknown>;
  const noting = (text: string, values: unknown[]) =>
    query(text.replace("SET state = 'sending'", "SET state = 'delivered'"), values);
  Object.assign(pool, { query: noting });
}
const { signal } = new AbortController();
process.send?.("running");
for (;;) {
  const routed = await routeEvents(pool, CHANNELS, new Date());
  const sent = await deliverDue(pool, tools, () => new Date(), signal);
  if (!routed && !sent) await new Promise((resolve) => setTimeout(resolve, 20));
}
