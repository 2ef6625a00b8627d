/**
 * A9: without its audit entry nothing happens.
 *
 * For every route that changes something there is a request that succeeds (`tests/routes/steps.ts`). Before each
 * succeeds, the insert of the audit entry is made to fail in several ways; the answer must be 5xx, and no row of any
 * table may differ. So must it be when the request is refused: the refusal goes on record, too.
 *
 * Planted bug: an entry that cannot be written is forgotten.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pool, PoolClient } from "pg";
import { openDb } from "#db/client";
import { migrate } from "#db/migrate";
import { APP_ROLE } from "#db/scoped";
import { ask, refresh, stateOf } from "#tests/routes/callers";
import { type Handlers, withRoutes } from "#tests/routes/in-process";
import { type Kept, STEPS, type Step } from "#tests/routes/steps";
import { makeRouteWorld, type RouteWorld } from "#tests/routes/world";
import { plantSwallowedAudit } from "./planted/swallowed-audit.ts";
import { dropDurability, startPostgres } from "./postgres.ts";
import type { Proof } from "./proof.ts";
import { mulberry32, pick } from "./random.ts";

const MAX_LINES = 5;

/** Makes the insert of an entry fail. @returns mends it */
type Failure = (pool: Pool) => Promise<() => Promise<unknown>>;

const bySql =
  (fail: string, mend: string): Failure =>
  async (pool) => {
    await pool.query(fail);
    return () => pool.query(mend);
  };

const FAILURES: Readonly<Record<string, Failure>> = {
  "the table refuses": bySql(
    "ALTER TABLE audit_entry ADD CONSTRAINT no_room CHECK (false) NOT VALID",
    "ALTER TABLE audit_entry DROP CONSTRAINT no_room",
  ),
  "the table is gone": bySql(
    "ALTER TABLE audit_entry RENAME TO elsewhere",
    "ALTER TABLE elsewhere RENAME TO audit_entry",
  ),
  "the waiting list refuses": bySql(
    "ALTER TABLE audit_pending ADD CONSTRAINT no_room CHECK (false) NOT VALID",
    "ALTER TABLE audit_pending DROP CONSTRAINT no_room",
  ),
  "the grant is revoked": bySql(
    `REVOKE INSERT ON audit_entry FROM ${APP_ROLE}`,
    `GRANT INSERT ON audit_entry TO ${APP_ROLE}`,
  ),
  "the disk is full": bySql(
    "CREATE TRIGGER no_room BEFORE INSERT ON audit_entry EXECUTE FUNCTION no_room()",
    "DROP TRIGGER no_room ON audit_entry",
  ),
  "it takes too long": async (pool) => {
    const client: PoolClient = await pool.connect();
    await client.query("BEGIN");
    await client.query("LOCK TABLE audit_entry IN ACCESS EXCLUSIVE MODE");
    return async () => {
      await client.query("ROLLBACK");
      client.release();
    };
  },
};

export const unauditedNeverHappens: Proof = async ({ short, planted, seed, log }) => {
  const random = mulberry32(seed);
  const dir = await mkdtemp(join(tmpdir(), "touchstone-prove-"));
  const postgres = await startPostgres(dir);
  await migrate(postgres.url);
  const pool = openDb(postgres.url, 4).$client;
  await dropDurability(pool);
  // Whoever waits for a lock is told so soon, so that the proof need not wait for what the product would.
  await pool.query("ALTER SYSTEM SET lock_timeout = '200ms'");
  await pool.query("SELECT pg_reload_conf()");
  await pool.query(
    "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END$$",
  );
  const unplant = planted ? plantSwallowedAudit() : () => {};
  let [cases, failed] = [0, 0];
  const wrong = (line: string) => {
    failed += 1;
    if (failed <= MAX_LINES) log(line);
  };
  try {
    const world = await makeRouteWorld(pool);
    await withRoutes(postgres.url, async (handlers) => {
      const kept: Kept = {};
      const names = Object.keys(FAILURES);
      for (const step of STEPS) {
        for (const name of short ? [pick(random, names)] : names) {
          cases += 1;
          const found = await attempt(step, name, { pool, world, handlers, kept });
          if (found) wrong(`${step.route} when ${name}: ${found}`);
        }
        const answer = await send(step, { pool, world, handlers, kept });
        const asMeant = step.refusedWith ? answer.code === step.refusedWith : answer.status < 300;
        // Once the bug has let a change through, it cannot be made again.
        if (!asMeant && !planted)
          wrong(`${step.route} cannot be made at all: ${answer.status} ${answer.code}`);
        if (step.keep && answer.status < 300) Object.assign(kept, await step.keep(answer.text, world));
      }
    });
    log(`${cases} requests without an entry over ${new Set(STEPS.map(({ route }) => route)).size} routes`);
    return { cases, failed };
  } finally {
    unplant();
    await pool.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

type Given = { pool: Pool; world: RouteWorld; handlers: Handlers; kept: Kept };

/** @returns what is wrong; `null` = nothing happened, and the answer says that it is our fault */
async function attempt(step: Step, name: string, given: Given): Promise<string | null> {
  const { pool } = given;
  const [before, entries] = [await stateOf(pool, null), await entriesOf(pool)];
  const mend = await FAILURES[name]?.(pool);
  let answer: { status: number; code: string | undefined };
  try {
    answer = await send(step, given);
  } finally {
    await mend?.();
  }
  const after = await stateOf(pool, null);
  if (after !== before) {
    const rows = after.split("\n").filter((row) => !before.includes(row));
    return `answered ${answer.status} and changed ${rows.map((row) => row.split(" ")[0]).join(", ")}`;
  }
  if (answer.status >= 500) return null;
  // Who is nobody is refused by the owner of the tables, whom a grant does not concern: the refusal is on record.
  const onRecord = (await entriesOf(pool)) > entries;
  if (onRecord && answer.code !== undefined && answer.code === step.refusedWith) return null;
  return `answered ${answer.status} ${answer.code ?? ""}`;
}

async function entriesOf(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ n: number }>("SELECT count(*)::int AS n FROM audit_entry");
  return rows[0]?.n ?? 0;
}

/** Nobody asks for so much in a minute but a proof. */
function forgetRates(): void {
  for (const symbol of Object.getOwnPropertySymbols(globalThis))
    if (symbol.description?.startsWith("touchstone.rate-")) Reflect.deleteProperty(globalThis, symbol);
}

async function send(step: Step, { pool, world, handlers, kept }: Given) {
  const handler = handlers.get(step.route);
  if (!handler) throw new Error(`no route ${step.route}`);
  await refresh(pool);
  forgetRates();
  const { by = ({ admin }: RouteWorld) => admin } = step;
  return ask(handler, { route: step.route, ...(await step.ask(kept, world)) }, by(world).headers);
}
