/**
 * A4: a hostile body costs bounded work, is never answered with 5xx and changes nothing it may not.
 *
 * Seeded requests go to the real server, with valid keys of one source of every kind. Each must be
 * answered with a documented problem or a per-event result; a node that no request names must stay as
 * it is, and the server must not keep more than {@link MAX_GROWTH_MB} once it is warm. It is weighed at rest: under
 * load, what is resident swings by hundreds of megabytes with what the collector has not got round to.
 *
 * Planted bug: the server does not notice lone surrogates, so that they reach the database.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pool } from "pg";
import { openDb } from "#db/client";
import { migrate } from "#db/migrate";
import { PROBLEMS } from "#lib/domain/problems";
import { startPostgres } from "#tests/prove/postgres";
import { startServer } from "#tests/prove/server";
import { credentialsOfEveryKind } from "#tests/prove/setup";
import { type HostileRequest, hostileRequests } from "./hostile-bodies.ts";
import type { Proof } from "./proof.ts";
import { mulberry32 } from "./random.ts";

const REQUESTS = { short: 1_500, full: 100_000 };
const AT_A_TIME = 8;
const MAX_GROWTH_MB = 64;
/** Share of the requests after which the server counts as warm: its code is loaded and compiled, its pools are full. */
const WARM_AFTER = { short: 0.6, full: 0.2 };

export const hostileBodiesAreHarmless: Proof = async ({ short, planted, seed, log }) => {
  const dir = await mkdtemp(join(tmpdir(), "touchstone-prove-"));
  const postgres = await startPostgres(dir);
  await migrate(postgres.url);
  const keys = await credentialsOfEveryKind(postgres.url);
  const preload = planted ? join(import.meta.dirname, "planted/surrogates-on-load.ts") : null;
  const server = await startServer(postgres.url, preload);
  const pool = openDb(postgres.url, 1).$client;
  const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });
  try {
    await sendCanary(server.port, keys.generic ?? "", agent);
    const canary = await canaryState(pool);
    const secretOf = new Map(Object.entries(keys.bySource));
    const total = short ? REQUESTS.short : REQUESTS.full;
    const stream = hostileRequests(mulberry32(seed), [...secretOf.keys()]);
    const findings: string[] = [];
    // Told at once: a full run takes long, and what was found in it must survive its being ended early.
    const note = (finding: string) => {
      findings.push(finding);
      if (findings.length <= 10) log(finding);
    };
    const statuses = new Map<number, number>();
    let sent = 0;
    const sendUntil = (end: number) =>
      Promise.all(
        Array.from({ length: AT_A_TIME }, async () => {
          while (sent < end) {
            const number = sent++;
            const { value } = stream.next();
            const secret = secretOf.get(/sources\/([^/]+)/.exec(value.path)?.[1] ?? "") ?? keys.generic ?? "";
            const found = await tryOne(server.port, agent, value, secret, statuses);
            if (found) note(`request ${number}: ${found}`);
            if (number % 10_000 === 9_999) log(`${number + 1} of ${total}, ${findings.length} findings`);
          }
        }),
      );
    await sendUntil(Math.floor(total * (short ? WARM_AFTER.short : WARM_AFTER.full)));
    const warmKb = await server.restingKb();
    await sendUntil(total);
    const growthMb = ((await server.restingKb()) - warmKb) / 1024;
    if (growthMb > MAX_GROWTH_MB) note(`the server keeps ${growthMb.toFixed(1)} MB more`);
    if ((await canaryState(pool)) !== canary) note("a node that nobody named has changed");
    const answers = [...statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${status} × ${n}`);
    log(
      `${total} requests: ${answers.join(", ")}; keeps ${growthMb.toFixed(1)} MB more than ${Math.round(warmKb / 1024)} MB`,
    );
    return { cases: total, failed: findings.length };
  } finally {
    agent.destroy();
    await pool.end();
    await server.stop();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

/** @returns what is wrong with the answer; `null` when nothing is */
async function tryOne(
  port: number,
  agent: Agent,
  hostile: HostileRequest,
  secret: string,
  statuses: Map<number, number>,
): Promise<string | null> {
  const answer = await send(port, agent, hostile, secret);
  statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
  const where = `${hostile.method} ${hostile.path.slice(0, 80)}`;
  // The connection may be cut while a refused body is still on its way; the answer is then lost.
  if (answer.status === 0) return hostile.body.byteLength > 1_000_000 ? null : `${where}: no answer`;
  if (answer.status >= 500) return `${where}: ${answer.status} ${answer.body.slice(0, 200)}`;
  if (answer.status === 202 || hostile.method === "OPTIONS") return null;
  const code = codeIn(answer.body);
  const known = code !== null && Object.hasOwn(PROBLEMS, code);
  return known
    ? null
    : `${where}: ${answer.status} without a documented problem: ${answer.body.slice(0, 200)}`;
}

function codeIn(body: string): string | null {
  try {
    const { code } = JSON.parse(body) as { code?: unknown };
    return typeof code === "string" ? code : null;
  } catch {
    return null;
  }
}

function send(
  port: number,
  agent: Agent,
  { method, path, headers, body }: HostileRequest,
  secret: string,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve) => {
    const lost = () => resolve({ status: 0, body: "" });
    try {
      const sending = request(
        {
          port,
          agent,
          method,
          path,
          host: "127.0.0.1",
          headers: { ...headers, authorization: `Bearer ${secret}`, "content-length": body.byteLength },
          timeout: 30_000,
        },
        async (response) => {
          try {
            const text = Buffer.concat(await response.toArray()).toString();
            resolve({ status: response.statusCode ?? 0, body: text });
          } catch {
            lost();
          }
        },
      );
      sending.on("error", lost).on("timeout", () => sending.destroy());
      sending.end(body);
    } catch {
      // Node's own client refuses to send it, so there is nothing to look at.
      resolve({ status: 202, body: "" });
    }
  });
}

async function sendCanary(port: number, secret: string, agent: Agent): Promise<void> {
  const document = {
    schema: "touchstone.verdict/1",
    node: { id: "canary" },
    observedAt: new Date().toISOString(),
    status: "affirming",
  };
  const data = JSON.stringify(document);
  const event = `{"specversion":"1.0","id":"canary","source":"urn:prove","type":"dev.touchstone.attestation.verdict.v1","datacontenttype":"application/json","data":${data}}`;
  const { status, body } = await send(
    port,
    agent,
    {
      method: "POST",
      path: "/api/v1/events",
      headers: { "content-type": "application/cloudevents+json" },
      body: new TextEncoder().encode(event),
    },
    secret,
  );
  if (status !== 202) throw new Error(`the canary was refused: ${status} ${body}`);
}

async function canaryState(pool: Pool): Promise<string> {
  const { rows } = await pool.query(
    `SELECT s.status, s.since, s.reason, l.n, l.state FROM node n
       JOIN node_state s ON s.trust_domain_id = n.trust_domain_id AND s.node_id = n.id
       JOIN lane l ON l.trust_domain_id = n.trust_domain_id AND l.node_id = n.id
     WHERE n.display_name = 'canary'`,
  );
  if (rows.length !== 1) throw new Error("the canary is not there");
  return JSON.stringify(rows);
}
