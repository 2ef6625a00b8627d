/**
 * A30: every event arrives at least once, in the order of its matter, under an id that never changes.
 *
 * A worker in a process of its own routes and sends to a receiver that verifies signatures with the package
 * `standardwebhooks`, is slow and sometimes answers with an error. The worker is killed (SIGKILL) at random moments,
 * after which its claims are let run out. A message counts as arrived when its answer went out in full.
 *
 * Planted bug: a worker that notes the arrival before it sends.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import { Webhook } from "standardwebhooks";
import { type Db, openDb } from "#db/client";
import { migrate } from "#db/migrate";
import { trustDomainRoot } from "#db/queries/trust-domain";
import { createSealer } from "#db/sealing";
import { EMPTY_TREE } from "#lib/domain/notify/route";
import { CHANNELS } from "#lib/notify/registry";
import { announce } from "#lib/services/notification/announce";
import { createChannel } from "#lib/services/notification/channels";
import { saveRoutes } from "#lib/services/notification/routes";
import { ensureAdmin } from "#lib/services/user/ensure-admin";
import { startPostgres } from "./postgres.ts";
import type { Proof } from "./proof.ts";
import { mulberry32 } from "./random.ts";

const SIZES = { short: { kills: 6, events: 40 }, full: { kills: 200, events: 40 } };
const MATTERS = 12;
const SECRET = `whsec_${Buffer.alloc(32, 3).toString("base64")}`;
const MASTER_KEY = Buffer.alloc(32, 5);
/** Longest life of a worker. Milliseconds. */
const LIFE_MS = 400;
const PATIENCE_MS = 120_000;

type Told = { id: string; thread: string };
type Arrival = { messageId: string; body: string; events: Told[] };

export const eventsArrive: Proof = async ({ short, planted, seed, log }) => {
  const random = mulberry32(seed);
  const { kills, events } = short ? SIZES.short : SIZES.full;
  const dir = await mkdtemp(join(tmpdir(), "touchstone-prove-"));
  const postgres = await startPostgres(dir);
  await migrate(postgres.url);
  const db = openDb(postgres.url, 4);
  const arrived: Arrival[] = [];
  const receiver = await startReceiver(random, arrived);
  const told: Told[] = [];
  try {
    const trustDomainId = await prepare(db, receiver.url);
    let worker = startWorker(postgres.url, planted);
    for (let kill = 0; kill < kills; kill += 1) {
      told.push(...(await tell(db, trustDomainId, events, random)));
      await worker.running;
      await sleep(random() * LIFE_MS);
      await worker.kill();
      await runOut(db.$client);
      worker = startWorker(postgres.url, planted);
    }
    await untilSent(db.$client);
    await worker.kill();
    const failed = lost(told, arrived, log) + outOfOrder(told, arrived, log) + changed(arrived, log);
    const ids = new Set(arrived.map(({ messageId }) => messageId));
    log(
      `${told.length} events in ${ids.size} messages; ${arrived.length - ids.size} arrived again; ${failed} wrong`,
    );
    return { cases: told.length, failed: failed + receiver.forged() };
  } finally {
    await receiver.close();
    await db.$client.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

async function prepare(db: Db, url: string): Promise<string> {
  await ensureAdmin(db, { password: "a password for the proof", now: new Date() });
  const root = await trustDomainRoot(db);
  if (!root) throw new Error("no root trust domain");
  const actor = { kind: "system" as const, id: "prove", trustDomainIds: [root.id] };
  const ctx = { db, actor, requestId: "prove", address: null, now: () => new Date() };
  const key = { version: 1, bytes: MASTER_KEY };
  const sealer = createSealer({ read: () => [key], make: () => key });
  const body = { kind: "webhook", name: "receiver", settings: { url }, secrets: { signing: SECRET } };
  const channel = await createChannel(ctx, body, { kinds: CHANNELS, sealer });
  const tree = { ...EMPTY_TREE, channelIds: [channel.id] };
  await saveRoutes(ctx, { trustDomainId: root.id, revision: 0, tree });
  return root.id;
}

/** Each event in a transaction of its own, as they come; some of which are rolled back and must never arrive. */
async function tell(db: Db, trustDomainId: string, count: number, random: () => number): Promise<Told[]> {
  for (let index = 0; index < count; index += 1) {
    const subject = `matter-${Math.floor(random() * MATTERS)}`;
    const kind = random() < 0.25 ? "node.recovered" : "node.failed";
    const rolledBack = random() < 0.1;
    const title = rolledBack ? "never happened" : `${subject} says something`;
    await db
      .transaction(async (tx) => {
        await announce(tx, { kind, trustDomainId, subject, title, link: "/nodes", at: new Date() });
        if (rolledBack) throw new Error("rolled back");
      })
      .catch((error: Error) => {
        if (error.message !== "rolled back") throw error;
      });
  }
  const { rows } = await db.$client.query<Told>(
    "SELECT id, thread FROM announcement ORDER BY id DESC LIMIT $1",
    [count],
  );
  const fresh = rows.reverse().filter(({ id }) => !seen.has(id));
  for (const { id } of fresh) seen.add(id);
  return fresh;
}
const seen = new Set<string>();

function startWorker(databaseUrl: string, planted: boolean) {
  const child: ChildProcess = fork(
    join(import.meta.dirname, "notify-worker.ts"),
    [databaseUrl, String(planted)],
    {
      execArgv: ["--conditions=react-server"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    },
  );
  const ended = once(child, "exit");
  return {
    running: once(child, "message"),
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Two minutes pass, and with them the claims of whoever died and the waits after errors. */
async function runOut(pool: Pool): Promise<void> {
  await pool.query(
    "UPDATE notification_delivery SET claimed_until = now() - interval '1 s' WHERE state = 'sending'",
  );
  await pool.query("UPDATE notification_delivery SET next_at = now() WHERE state = 'waiting'");
}

async function untilSent(pool: Pool): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { rows } = await pool.query<{ left: number }>(
      `SELECT (SELECT count(*) FROM announcement WHERE routed_at IS NULL)::int
         + (SELECT count(*) FROM notification_delivery WHERE state IN ('waiting', 'sending'))::int AS left`,
    );
    if (rows[0]?.left === 0 || Date.now() > deadline) return;
    await pool.query(
      `UPDATE notification_delivery SET next_at = now() WHERE (trust_domain_id, id) IN (
         SELECT trust_domain_id, id FROM notification_delivery WHERE state = 'waiting' AND next_at > now()
         FOR UPDATE SKIP LOCKED)`,
    );
    await sleep(100);
  }
}

async function startReceiver(random: () => number, arrived: Arrival[]) {
  let forged = 0;
  const webhook = new Webhook(SECRET);
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString("utf8");
    const fails = random() < 0.1;
    await sleep(random() * 60);
    if (response.destroyed || request.socket.destroyed) return;
    const headers = request.headers as Record<string, string>;
    try {
      const payload = webhook.verify(body, headers) as { data: { events: Told[] } };
      if (!fails) arrived.push({ messageId: headers["webhook-id"] ?? "", body, events: payload.data.events });
    } catch {
      forged += 1;
    }
    response.writeHead(fails ? 500 : 200).end("ok");
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    forged: () => forged,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function lost(told: readonly Told[], arrived: readonly Arrival[], log: (line: string) => void): number {
  const ids = new Set(arrived.flatMap(({ events }) => events.map(({ id }) => id)));
  const missing = told.filter(({ id }) => !ids.has(id)).length;
  const known = new Set(told.map(({ id }) => id));
  const invented = [...ids].filter((id) => !known.has(id)).length;
  if (missing > 0) log(`${missing} events never arrived`);
  if (invented > 0) log(`${invented} events arrived that never happened`);
  return missing + invented;
}

/** Events of one matter whose first arrival was before that of an older one. */
function outOfOrder(told: readonly Told[], arrived: readonly Arrival[], log: (line: string) => void): number {
  const place = new Map(told.map(({ id }, index) => [id, index]));
  const first = new Set<string>();
  const newest = new Map<string, number>();
  let wrong = 0;
  for (const { id, thread } of arrived.flatMap(({ events }) => events)) {
    if (first.has(id)) continue;
    first.add(id);
    const at = place.get(id) ?? 0;
    if (at < (newest.get(thread) ?? -1)) wrong += 1;
    newest.set(thread, Math.max(at, newest.get(thread) ?? -1));
  }
  if (wrong > 0) log(`${wrong} events arrived before an older one of their matter`);
  return wrong;
}

/** Messages that said something else when they came again. */
function changed(arrived: readonly Arrival[], log: (line: string) => void): number {
  const byId = Map.groupBy(arrived, ({ messageId }) => messageId);
  const wrong = [...byId.values()].filter((same) => new Set(same.map(({ body }) => body)).size > 1).length;
  if (wrong > 0) log(`${wrong} messages changed between two arrivals`);
  return wrong;
}
