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
import type { Pool } from "pg";
import { openDb } from "#db/client";
import type { EmbeddedPostgres } from "#db/embedded";
import { migrate } from "#db/migrate";
import { killPostgres, startPostgres } from "#tests/prove/postgres";
import { startServer, type TestServer } from "#tests/prove/server";
import { ingestCredentials } from "#tests/prove/setup";
import type { Proof } from "./proof.ts";
import { mulberry32 } from "./random.ts";

/** `acknowledged`: sending goes on after the last kill until so many are. */
const SIZES = {
  short: { kills: 4, acknowledged: 0, batch: 20, senders: 2 },
  full: { kills: 200, acknowledged: 1_000_000, batch: 500, senders: 4 },
};
type Size = (typeof SIZES)["short"];
/** Events acknowledged between two kills, at most: enough for some answers, few enough to hit batches in flight. */
const MOST_BETWEEN_KILLS = 600;
/** Longest wait for them. Milliseconds. */
const PATIENCE_MS = 15_000;
const LAST_MOMENT_MS = 300;

export const acknowledgedIsNeverLost: Proof = async ({ short, planted, seed, log }) => {
  const random = mulberry32(seed);
  const size: Size = short ? SIZES.short : SIZES.full;
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
  // Each sender has nodes of its own and sends all of them in turn, so that its verdicts come in order.
  const senders = Array.from({ length: size.senders }, async (_, sender) => {
    for (let round = 0; running; round += 1) {
      const ids = Array.from({ length: size.batch }, () => `event-${number++}`);
      const body = JSON.stringify(ids.map((id, index) => event(id, `node-${sender}-${index}`, round)));
      for (const id of ids) sent.set(id, body);
      // Whoever got no answer sends the same again, as a sender does: it may be stored or not.
      let answered = await post(server.port, credentials.secret, body);
      while (!answered && running) {
        await sleep(50);
        answered = await post(server.port, credentials.secret, body);
      }
      if (answered) for (const id of ids) acknowledged.add(id);
    }
  });

  const { kills } = size;
  for (let kill = 0; kill < kills; kill += 1) {
    // A kill means something while answers are being given; how soon that is depends on the machine.
    await progress(acknowledged, Math.ceil(random() * MOST_BETWEEN_KILLS));
    // The kills of a full run are spread over its events.
    while (acknowledged.size < (size.acknowledged / kills) * kill) await sleep(LAST_MOMENT_MS);
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
  do await sleep(LAST_MOMENT_MS);
  while (acknowledged.size < size.acknowledged);
  running = false;
  await Promise.all(senders);

  const pool = openDb(postgres.url, 2).$client;
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

/** Wait until some more events are acknowledged; gives up on a machine that is too slow for it. */
async function progress(acknowledged: ReadonlySet<string>, more: number): Promise<void> {
  const wanted = acknowledged.size + more;
  const untilMs = Date.now() + PATIENCE_MS;
  while (acknowledged.size < wanted && Date.now() < untilMs) await sleep(5);
}

/** Every event says the same about its node at a time of its own, so that lanes only count. */
function event(id: string, node: string, round: number) {
  return {
    specversion: "1.0",
    id,
    source: "urn:prove",
    type: "dev.touchstone.attestation.verdict.v1",
    datacontenttype: "application/json",
    data: {
      schema: "touchstone.verdict/1",
      node: { id: node },
      observedAt: new Date(START_MS + round * ROUND_MS).toISOString(),
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
const ROUND_MS = 100;

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
