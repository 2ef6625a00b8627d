/**
 * A1: an acknowledged event is never lost.
 *
 * Batches are posted to the real server on the real database while the server and PostgreSQL are
 * killed (SIGKILL) in turn, at random moments. Afterwards every event that was answered with 202
 * must be in the verdict log, and sending everything again must fill up exactly the rest.
 *
 * Planted bug: `synchronous_commit = off`, so that answers run ahead of the disk.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "pg";
import type { EmbeddedPostgres } from "#db/embedded";
import { migrate } from "#db/migrate";
import { killPostgres, startPostgres } from "#tests/prove/postgres";
import { startServer, type TestServer } from "#tests/prove/server";
import { ingestCredentials } from "#tests/prove/setup";
import type { Proof } from "./proof.ts";
import { mulberry32 } from "./random.ts";

const KILLS = { short: 4, full: 40 };
const BATCH = 20;
const SENDERS = 2;
/** Between two kills: long enough for some answers, short enough to hit batches in flight. */
const MOMENT_MS = { min: 300, max: 1_500 };

export const acknowledgedIsNeverLost: Proof = async ({ short, planted, seed, log }) => {
  const random = mulberry32(seed);
  const dir = await mkdtemp(join(tmpdir(), "touchstone-prove-"));
  let postgres: EmbeddedPostgres = await startPostgres(dir);
  await migrate(postgres.url);
  const credentials = await ingestCredentials(postgres.url);
  // A socket URL takes settings for its sessions: this one makes the planted bug.
  const databaseUrl = planted
    ? `${postgres.url}&options=${encodeURIComponent("-c synchronous_commit=off")}`
    : postgres.url;
  let server: TestServer = await startServer(databaseUrl);

  const sent = new Map<string, string>();
  const acknowledged = new Set<string>();
  let running = true;
  let number = 0;
  const senders = Array.from({ length: SENDERS }, async () => {
    while (running) {
      const ids = Array.from({ length: BATCH }, () => `event-${number++}`);
      const body = JSON.stringify(ids.map((id, index) => event(id, number + index)));
      for (const id of ids) sent.set(id, body);
      const ok = await post(server.port, credentials.secret, body);
      if (ok) for (const id of ids) acknowledged.add(id);
      else await sleep(20);
    }
  });

  const kills = short ? KILLS.short : KILLS.full;
  for (let kill = 0; kill < kills; kill += 1) {
    await sleep(MOMENT_MS.min + random() * (MOMENT_MS.max - MOMENT_MS.min));
    const before = acknowledged.size;
    if (kill % 2 === 0) {
      await killPostgres(postgres);
      await postgres.stop();
      postgres = await startPostgres(dir);
    } else {
      await server.kill();
      server = await startServer(databaseUrl);
    }
    log(
      `kill ${kill + 1}/${kills} of ${kill % 2 === 0 ? "PostgreSQL" : "the server"} after ${before} acknowledged events`,
    );
  }
  await sleep(MOMENT_MS.min);
  running = false;
  await Promise.all(senders);

  const pool = new Pool({ connectionString: postgres.url, max: 2 });
  try {
    const lost = await missing(pool, acknowledged);
    log(`${sent.size} sent, ${acknowledged.size} acknowledged, ${lost.length} of them lost`);
    for (const body of new Set(sent.values())) {
      while (!(await post(server.port, credentials.secret, body))) await sleep(100);
    }
    const afterResend = await missing(pool, new Set(sent.keys()));
    const { rows } = await pool.query(
      "SELECT count(*)::int AS n, (SELECT sum(n)::int FROM lane) AS counted FROM verdict",
    );
    const doubled = rows[0].n - sent.size;
    const miscounted = rows[0].counted === sent.size ? 0 : 1;
    log(
      `after sending all again: ${rows[0].n} stored, ${afterResend.length} missing, ${rows[0].counted} counted`,
    );
    const failed = lost.length + afterResend.length + Math.abs(doubled) + miscounted;
    return { cases: acknowledged.size === 0 ? 0 : kills, failed };
  } finally {
    await pool.end();
    await server.stop();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

/** Every event says the same about its node at a time of its own, so that lanes only count. */
function event(id: string, index: number) {
  return {
    specversion: "1.0",
    id,
    source: "urn:prove",
    type: "dev.touchstone.attestation.verdict.v1",
    datacontenttype: "application/json",
    data: {
      schema: "touchstone.verdict/1",
      node: { id: `node-${index % 50}` },
      observedAt: new Date(START_MS + index * 2).toISOString(),
      status: "affirming",
      policyIds: ["p"],
      reasons: [],
      measurements: { round: "same" },
      coverage: ["measured_boot"],
      verifier: { id: id.slice(0, 5) },
      // The id makes the bytes of each event its own.
      submod: "",
      expiresAt: new Date(START_MS + 10 * 3_600_000 + Number(id.slice(6))).toISOString(),
    },
  };
}

const START_MS = Date.now() - 600_000;

async function missing(pool: Pool, ids: ReadonlySet<string>): Promise<string[]> {
  const { rows } = await pool.query<{ number: string }>(
    "SELECT (extract(epoch FROM expires_at) * 1000)::bigint - $1::bigint AS number FROM verdict",
    [START_MS + 10 * 3_600_000],
  );
  const stored = new Set(rows.map(({ number }) => `event-${number}`));
  return [...ids].filter((id) => !stored.has(id));
}

async function post(port: number, secret: string, body: string): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/cloudevents-batch+json" },
      body,
      signal: AbortSignal.timeout(10_000),
    });
    const result = (await response.json()) as { accepted?: number; duplicate?: number; rejected?: unknown[] };
    if (response.status !== 202) return false;
    if (result.rejected?.length !== 0)
      throw new Error(`the proof's own events were refused: ${JSON.stringify(result)}`);
    return true;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("the proof")) throw error;
    return false;
  }
}
