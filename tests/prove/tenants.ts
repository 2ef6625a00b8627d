/**
 * A8: nobody sees another tenant's row, with either wall alone.
 *
 * A dozen trust domains hold nodes and sources whose names carry a mark of their domain. Random callers, who see
 * random domains, read: every service with both walls; every service on the owner's connection, where only its own
 * predicate stands; every tenant table without any predicate, where only row security stands. No answer may hold the
 * mark or the id of a domain that the caller does not see.
 *
 * Planted bug: tables are read without a predicate on the owner's connection.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import type { Pool } from "pg";
import { openDb } from "#db/client";
import { migrate } from "#db/migrate";
import { trustDomain } from "#db/schema/fleet";
import { scopedDb } from "#db/scoped";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { uuidv7 } from "#lib/services/uuidv7";
import { dropDurability, startPostgres } from "#tests/prove/postgres";
import { ASK, type Probe } from "#tests/prove/questions";
import { mulberry32, pick, type Random } from "#tests/prove/random";
import { ago, makeWorld, NOW, type World } from "#tests/world";
import type { Proof } from "./proof.ts";

const QUERIES = { short: 1_500, full: 100_000 };
const DOMAINS = 12;
/** One query in so many asks a service; the others read tables, which is where row security stands alone. */
const SERVICE_EVERY = 5;

/** A comparison wants whole statements, which the rows of this small world are not. */
const QUESTIONS = Object.keys(ASK).filter((question) => !question.startsWith("compar"));

type Tenant = { id: string; mark: string; nodeId: string; sourceId: string };

export const tenantsAreApart: Proof = async ({ short, planted, seed, log }) => {
  const random = mulberry32(seed);
  const dir = await mkdtemp(join(tmpdir(), "touchstone-prove-"));
  const postgres = await startPostgres(dir);
  await migrate(postgres.url);
  const pool = openDb(postgres.url, 4).$client;
  await dropDurability(pool);
  try {
    const world = await makeWorld(pool);
    const tenants = await settle(world);
    const { rows } = await pool.query<{ name: string }>(
      "SELECT c.relname AS name FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid ORDER BY 1",
    );
    const tables = rows.map(({ name }) => name);
    const cases = short ? QUERIES.short : QUERIES.full;
    let failed = 0;
    for (let query = 0; query < cases; query += 1) {
      const seen = tenants.filter(() => random() < 0.3);
      const answer =
        query % SERVICE_EVERY === 0
          ? await askService(random, world, pool, tenants, seen)
          : await readTable(pool, pick(random, tables), seen, planted);
      const leak = tenants.find(
        (tenant) => !seen.includes(tenant) && (answer.includes(tenant.mark) || answer.includes(tenant.id)),
      );
      if (leak) failed += 1;
      if (leak && failed <= 3) log(`a row of another domain was shown: ${answer.slice(0, 300)}`);
      if ((query + 1) % 10_000 === 0) log(`${query + 1} queries, ${failed} with foreign rows`);
    }
    return { cases, failed };
  } finally {
    await pool.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

async function settle(world: World): Promise<Tenant[]> {
  const tenants: Tenant[] = [];
  for (let n = 0; n < DOMAINS; n += 1) {
    const id = uuidv7(NOW);
    const mark = `mark-${String.fromCharCode(97 + n)}-end`;
    await world.db
      .insert(trustDomain)
      .values({ id, parentId: world.home, name: `${mark} domain`, createdAt: ago(9_000) });
    const sourceId = await world.addSource(`${mark} source`, { domain: id });
    const nodeId = await world.addNode({ name: `${mark} node`, domain: id, sourceId });
    tenants.push({ id, mark, nodeId, sourceId });
  }
  return tenants;
}

/** Asks about anybody's node and source: also about those that the caller does not see. */
async function askService(
  random: Random,
  world: World,
  pool: Pool,
  tenants: readonly Tenant[],
  seen: readonly Tenant[],
): Promise<string> {
  const domains = seen.map(({ id }) => id);
  const base = world.as("admin", domains);
  const ctx: ServiceContext = { ...base, db: random() < 0.5 ? scopedDb(pool, domains) : world.db };
  const [about, other] = [pick(random, tenants), pick(random, tenants)];
  const probe: Probe = {
    question: pick(random, QUESTIONS),
    nodeId: about.nodeId,
    sourceId: other.sourceId,
    asOf: ago(random() * 120).toISOString(),
    knownAt: NOW.toISOString(),
  };
  try {
    return JSON.stringify(await ASK[probe.question]?.(ctx, probe));
  } catch (error) {
    // A refusal tells what was asked for, and must not tell more.
    if (!(error instanceof ProblemError)) throw error;
    return error.code;
  }
}

async function readTable(
  pool: Pool,
  table: string,
  seen: readonly Tenant[],
  planted: boolean,
): Promise<string> {
  const all = sql`SELECT * FROM ${sql.identifier(table)} LIMIT 500`;
  if (planted) return JSON.stringify((await pool.query(`SELECT * FROM ${table} LIMIT 500`)).rows);
  const db = scopedDb(
    pool,
    seen.map(({ id }) => id),
  );
  return JSON.stringify((await db.execute(all)).rows);
}
