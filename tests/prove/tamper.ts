/**
 * A10: whoever rewrites the audit log is found, and the first entry that is wrong is named.
 *
 * A log of entries with checkpoints and its file is made once. Then a superuser makes one random change at a time,
 * some of them clever: hashes and places are made to fit again. Each is checked and rolled back.
 *
 * Planted bug: a check that believes the hashes which stand in the database.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { openDb, type Tx } from "#db/client";
import { migrate } from "#db/migrate";
import { auditLeafHash } from "#db/queries/audit";
import { leafEntries } from "#db/queries/audit-log";
import { trustDomainRoot } from "#db/queries/trust-domain";
import { ensureAdmin } from "#lib/services/user/ensure-admin";
import { verifySnapshot } from "#lib/transparency/read-database";
import { makeAuditWorld } from "#tests/audit-world";
import { dropDurability, startPostgres } from "#tests/prove/postgres";
import { intBetween, mulberry32, pick, type Random } from "#tests/prove/random";
import type { Proof } from "./proof.ts";

const MUTATIONS = { short: 150, full: 10_000 };
const ENTRIES = { short: 60, full: 120 };
const PER_CHECKPOINT = 13;
const MAX_LINES = 5;

class RolledBack extends Error {}

export const rewritingIsFound: Proof = async ({ short, planted, seed, log }) => {
  const random = mulberry32(seed);
  const size = short ? ENTRIES.short : ENTRIES.full;
  const total = short ? MUTATIONS.short : MUTATIONS.full;
  const dir = await mkdtemp(join(tmpdir(), "touchstone-prove-"));
  const postgres = await startPostgres(dir);
  await migrate(postgres.url);
  const db = openDb(postgres.url, 2);
  let worldDir = "";
  try {
    await dropDurability(db.$client);
    await ensureAdmin(db, { password: "a password for the proof", now: new Date() });
    const root = await trustDomainRoot(db);
    if (!root) throw new Error("no root trust domain");
    const world = await makeAuditWorld(db, root.id, Date.UTC(2026, 5, 1));
    worldDir = world.dataDir;
    await world.takeIn();
    await world.fill(size, PER_CHECKPOINT);
    const whole = await db.transaction((tx) => verifySnapshot(tx, root.id, { file: world.file }));
    if (whole.fault) throw new Error(`the untouched log is wrong: ${whole.fault.what}`);
    let failed = 0;
    for (let n = 0; n < total; n += 1) {
      const mutation = pick(random, MUTATIONS_OF);
      const at = intBetween(random, 0, whole.size - 2);
      const file = planted ? join(dir, "nothing") : world.file;
      const fault = await tried(db, async (tx) => {
        const first = await mutation.make(tx, { domain: root.id, at, size: whole.size, random });
        // The planted check is also blind to signed roots: it knows no key, and asks no checkpoint.
        if (planted) await tx.execute(sql`DELETE FROM audit_checkpoint WHERE size < ${whole.size}`);
        const found = await verifySnapshot(tx, root.id, { file });
        return { first, found: found.fault };
      });
      if ((n + 1) % 1_000 === 0) log(`${n + 1} changes, ${failed} not found or not named`);
      const named = fault.found && (fault.first === null || fault.found.index === fault.first);
      if (!named && ++failed <= MAX_LINES) {
        log(
          `${mutation.name} at ${at}: ${fault.found ? `named ${fault.found.index}, not ${fault.first}` : "not found"}`,
        );
      }
    }
    log(`${total} changes of a log of ${whole.size} entries: ${failed} not found or not named`);
    return { cases: total, failed };
  } finally {
    await db.$client.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
    if (worldDir) await rm(worldDir, { recursive: true, force: true });
  }
};

/** Do something and leave no trace. */
async function tried<T>(db: ReturnType<typeof openDb>, work: (tx: Tx) => Promise<T>): Promise<T> {
  let result: { value: T } | undefined;
  await db
    .transaction(async (tx) => {
      result = { value: await work(tx) };
      throw new RolledBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error;
    });
  if (!result) throw new Error("nothing was tried");
  return result.value;
}

type Place = { domain: string; at: number; size: number; random: Random };
/** `make` says which entry must be named; `null` = that it is found is enough. */
type Mutation = { name: string; make: (tx: Tx, place: Place) => Promise<number | null> };

const entryAt = ({ domain, at }: Place) =>
  sql`(SELECT entry_id FROM audit_leaf WHERE trust_domain_id = ${domain} AND leaf_index = ${at})`;

/** Make the leaf fit what the entry says now, as a clever intruder would. */
async function fitLeaf(tx: Tx, { domain, at }: Place): Promise<void> {
  const [found] = await leafEntries(tx, domain, { from: at, limit: 1 });
  if (!found?.entry) return;
  await tx.execute(
    sql`UPDATE audit_leaf SET leaf_hash = ${auditLeafHash(found.entry)} WHERE trust_domain_id = ${domain} AND leaf_index = ${at}`,
  );
}

const FIELDS = ["actor_id", "action", "entity", "entity_id", "outcome", "request_id", "address"] as const;

const MUTATIONS_OF: readonly Mutation[] = [
  {
    name: "edit",
    async make(tx, place) {
      const field = sql.identifier(pick(place.random, FIELDS));
      await tx.execute(sql`UPDATE audit_entry SET ${field} = 'forged' WHERE id = ${entryAt(place)}`);
      if (place.random() < 0.5) await fitLeaf(tx, place);
      return place.at;
    },
  },
  {
    name: "backdate",
    async make(tx, place) {
      const minutes = intBetween(place.random, 1, 10_000);
      await tx.execute(
        sql`UPDATE audit_entry SET at = at - make_interval(mins => ${minutes}) WHERE id = ${entryAt(place)}`,
      );
      if (place.random() < 0.5) await fitLeaf(tx, place);
      return place.at;
    },
  },
  {
    name: "delete",
    async make(tx, place) {
      await tx.execute(sql`DELETE FROM audit_entry WHERE id = ${entryAt(place)}`);
      if (place.random() < 0.5) {
        await tx.execute(
          sql`DELETE FROM audit_leaf WHERE trust_domain_id = ${place.domain} AND leaf_index = ${place.at}`,
        );
        // The gap is closed from behind, one by one as the key allows.
        if (place.random() < 0.5) await shift(tx, place, -1);
      }
      return place.at;
    },
  },
  {
    name: "reorder",
    async make(tx, place) {
      const { domain, at } = place;
      await tx.execute(
        sql`UPDATE audit_leaf SET leaf_index = -1 WHERE trust_domain_id = ${domain} AND leaf_index = ${at}`,
      );
      await tx.execute(
        sql`UPDATE audit_leaf SET leaf_index = ${at} WHERE trust_domain_id = ${domain} AND leaf_index = ${at + 1}`,
      );
      await tx.execute(
        sql`UPDATE audit_leaf SET leaf_index = ${at + 1} WHERE trust_domain_id = ${domain} AND leaf_index = -1`,
      );
      return at;
    },
  },
  {
    name: "insert",
    async make(tx, place) {
      const { domain, at } = place;
      await shift(tx, place, 1);
      await tx.execute(sql`INSERT INTO audit_entry SELECT trust_domain_id, gen_random_uuid(), at, actor_kind, 'intruder',
        action, entity, entity_id, outcome, problem_code, before, after, request_id, address
        FROM audit_entry ORDER BY at LIMIT 1`);
      await tx.execute(
        sql`INSERT INTO audit_leaf SELECT ${domain}, ${at}, id, '\\x00' FROM audit_entry WHERE actor_id = 'intruder'`,
      );
      await fitLeaf(tx, place);
      return at;
    },
  },
  {
    name: "truncate",
    async make(tx, place) {
      const { domain, at } = place;
      await tx.execute(sql`DELETE FROM audit_entry WHERE id IN
        (SELECT entry_id FROM audit_leaf WHERE trust_domain_id = ${domain} AND leaf_index >= ${at})`);
      await tx.execute(sql`DELETE FROM audit_leaf WHERE trust_domain_id = ${domain} AND leaf_index >= ${at}`);
      await tx.execute(sql`DELETE FROM audit_checkpoint WHERE trust_domain_id = ${domain} AND size > ${at}`);
      await tx.execute(sql`UPDATE audit_log SET size = ${at} WHERE trust_domain_id = ${domain}`);
      return at;
    },
  },
  {
    name: "add by hand",
    async make(tx, { domain }) {
      await tx.execute(sql`INSERT INTO audit_entry SELECT trust_domain_id, gen_random_uuid(), at, actor_kind, actor_id,
        action, entity, entity_id, outcome, problem_code, before, after, request_id, address
        FROM audit_entry WHERE trust_domain_id = ${domain} LIMIT 1`);
      return null;
    },
  },
];

/** Move the leaves from `at` on by one place, around the primary key. */
async function shift(tx: Tx, { domain, at }: Place, by: 1 | -1): Promise<void> {
  await tx.execute(
    sql`UPDATE audit_leaf SET leaf_index = -1000 - leaf_index WHERE trust_domain_id = ${domain} AND leaf_index >= ${at}`,
  );
  await tx.execute(
    sql`UPDATE audit_leaf SET leaf_index = -1000 - leaf_index + ${by} WHERE trust_domain_id = ${domain} AND leaf_index <= -1000`,
  );
}
