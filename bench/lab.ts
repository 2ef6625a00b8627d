/** What the ingest benchmarks share: a durable database with one source, servers, senders, a stopwatch. */
import { type ChildProcess, fork } from "node:child_process";
import { createPublicKey, type KeyObject, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { openDb } from "#db/client";
import { startEmbedded } from "#db/embedded";
import { migrate } from "#db/migrate";
import { createApiKey } from "#lib/services/source/create-api-key";

export type Lab = {
  client: Client;
  /** A file that the database server can write. */
  file: string;
  /** Start a server that is stopped with the lab; gives its port. */
  serve: (mode: "listener" | "echo") => Promise<number>;
  /** The same for the routes of the production build. They know nobody but by a real key. */
  serveRoutes: () => Promise<{ port: number; bearer: string }>;
  /** Forget all events, and let the next run begin with a quiet disk. */
  clear: () => Promise<void>;
};

/** Run `work` in a fresh installation on durable settings; everything is gone afterwards. */
export async function withLab<T>(
  source: { kind: string; key?: KeyObject },
  work: (lab: Lab) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), "touchstone-bench-"));
  const postgres = await startEmbedded({ dataDir: dir, log: () => {} });
  await migrate(postgres.url);
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  const ids = { trustDomainId: randomUUID(), sourceId: randomUUID() };
  await addSource(client, ids, source);
  const children: ChildProcess[] = [];
  try {
    const dataDirectory = (await client.query("SHOW data_directory")).rows[0].data_directory as string;
    return await work({
      client,
      file: join(dataDirectory, "bench.copy"),
      async serve(mode) {
        return startChild("ingest-server.ts", [mode, postgres.url, ids.trustDomainId, ids.sourceId]);
      },
      async serveRoutes() {
        const bearer = await addApiKey(postgres.url, ids);
        const port = await startChild("route-server.ts", [], {
          NODE_ENV: "production",
          DATABASE_URL: postgres.url,
          HOST: "127.0.0.1",
          NEXTAUTH_SECRET: randomUUID(),
          LOG_LEVEL: "fatal",
        });
        return { port, bearer };
      },
      async clear() {
        await client.query("TRUNCATE node, verdict, measurement_set, rollup, bootstrap_event CASCADE");
        await client.query("CHECKPOINT");
      },
    });
  } finally {
    for (const child of children) child.kill("SIGTERM");
    await client.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }

  function startChild(file: string, argv: string[], more: Record<string, string> = {}): Promise<number> {
    const child = fork(join(import.meta.dirname, file), argv, {
      execArgv: ["--conditions=react-server"],
      env: { ...process.env, ...more },
    });
    children.push(child);
    return new Promise((resolve, reject) => {
      child.on("message", (message) => {
        if (typeof message === "object" && "port" in message) resolve(Number(message.port));
      });
      child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
    });
  }
}

/** @returns the secret of a key that may send for the source */
async function addApiKey(
  url: string,
  { trustDomainId, sourceId }: { trustDomainId: string; sourceId: string },
): Promise<string> {
  const db = openDb(url, 1);
  try {
    const actor = { kind: "system" as const, id: "bench", trustDomainIds: [trustDomainId] };
    const ctx = { db, actor, requestId: "bench", address: null, now: () => new Date() };
    const key = { sourceId, scopes: ["ingest:write" as const], expiresInDays: 1 };
    return (await createApiKey(ctx, key)).secret;
  } finally {
    await db.$client.end();
  }
}

async function addSource(
  client: Client,
  { trustDomainId, sourceId }: { trustDomainId: string; sourceId: string },
  { kind, key }: { kind: string; key?: KeyObject },
): Promise<void> {
  const now = new Date();
  await client.query("INSERT INTO trust_domain (id, name, created_at) VALUES ($1, 'bench', $2)", [
    trustDomainId,
    now,
  ]);
  await client.query(
    `INSERT INTO source (trust_domain_id, id, kind, name, accept_past_ms, accept_future_ms, stale_after_ms, created_at)
     VALUES ($1, $2, $3, 'bench', 86400000, 300000, 900000, $4)`,
    [trustDomainId, sourceId, kind, now],
  );
  if (!key) return;
  const jwk = createPublicKey(key).export({ format: "jwk" });
  await client.query(
    `INSERT INTO source_key (trust_domain_id, source_id, kid, alg, jwk, state, valid_from, created_at)
     VALUES ($1, $2, 'bench', 'ES256', $3, 'active', '-infinity', $4)`,
    [trustDomainId, sourceId, JSON.stringify(jwk), now],
  );
}

/** Post all bodies over so many connections; every one must be answered 202. @returns answers */
export async function postAll(
  port: number,
  bodies: readonly Buffer[],
  connections: number,
  bearer = "bench",
): Promise<Answer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const queue = [...bodies];
  const answers: Answer[] = [];
  try {
    await Promise.all(
      Array.from({ length: connections }, async () => {
        for (let body = queue.shift(); body; body = queue.shift())
          answers.push(await post({ port, agent, bearer }, body));
      }),
    );
  } finally {
    agent.destroy();
  }
  return answers;
}

export type Answer = { accepted: number; duplicate?: number };

type To = { port: number; agent: Agent; bearer: string };

function post({ port, agent, bearer }: To, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${bearer}`,
      "content-type": "application/cloudevents-batch+json",
      "content-length": body.byteLength,
    };
    const sending = request(
      { port, agent, host: "127.0.0.1", method: "POST", path: "/api/v1/events", headers },
      async (response) => {
        const text = Buffer.concat(await response.toArray()).toString();
        if (response.statusCode === 202) resolve(JSON.parse(text) as Answer);
        else reject(new Error(`answer ${response.statusCode}: ${text.slice(0, 300)}`));
      },
    );
    sending.on("error", reject).end(body);
  });
}

/** Batches of events around their data. */
export function batches(
  data: readonly unknown[],
  size: number,
  attributes: Record<string, string> = {},
): Buffer[] {
  const events = data.map((document, index) => ({
    specversion: "1.0",
    id: `e${index}`,
    source: "urn:bench",
    type: "dev.touchstone.attestation.verdict.v1",
    datacontenttype: "application/json",
    ...attributes,
    data: document,
  }));
  return Array.from({ length: Math.ceil(events.length / size) }, (_, batch) =>
    Buffer.from(JSON.stringify(events.slice(batch * size, (batch + 1) * size))),
  );
}

/** One verdict in a hundred says something else than the one before. */
const FLIP_EVERY = 100;

/** Verdicts of a fleet: node after node, then all of them again a minute later. */
export function fleetVerdicts(count: number, nodes: number, startMs: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
    schema: "touchstone.verdict/1",
    node: { id: `node-${index % nodes}` },
    observedAt: new Date(startMs + Math.floor(index / nodes) * 60_000).toISOString(),
    status: index % FLIP_EVERY === 0 ? "warning" : "affirming",
    vector: { executables: 2, hardware: 2, configuration: 2 },
    coverage: ["measured_boot", "secure_boot"],
    measurements: { "pcr/sha256/0": "a".repeat(64), "pcr/sha256/7": "b".repeat(64) },
  }));
}
