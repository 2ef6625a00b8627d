/** Forward-only migrations: numbered SQL files, each run once under a lock and never changed again. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";

const DEFAULT_DIR = join(import.meta.dirname, "migrations");
/** Arbitrary but fixed: every process that migrates this database waits on the same lock. */
const LOCK_KEY = 7_266_413;

type Migration = { name: string; sql: string; checksum: string };

async function readMigrations(dir: string): Promise<Migration[]> {
  const names = (await readdir(dir)).filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(dir, name), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

/**
 * Bring a database to the newest schema.
 *
 * @param dir folder of the SQL files; only tests pass another one
 * @returns how many migrations were applied now; 0 when the schema was current
 * @throws when an applied file was changed or removed since, or when the database is newer
 */
export async function migrate(url: string, dir = DEFAULT_DIR): Promise<number> {
  const migrations = await readMigrations(dir);
  const client = new Client({ connectionString: url, application_name: "touchstone-migrate" });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [LOCK_KEY]);
    await client.query(
      "CREATE TABLE IF NOT EXISTS schema_migration (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz(3) NOT NULL DEFAULT now())",
    );
    const applied = await client.query<{ name: string; checksum: string }>(
      "SELECT name, checksum FROM schema_migration ORDER BY name",
    );
    applied.rows.forEach((row, index) => {
      const known = migrations[index];
      if (known?.name !== row.name) {
        throw new Error(
          `The database has migration ${row.name}, which this version does not know. Use a newer version.`,
        );
      }
      if (known.checksum !== row.checksum) {
        throw new Error(
          `Migration ${row.name} was changed after it had been applied. Add a new migration instead.`,
        );
      }
    });
    const pending = migrations.slice(applied.rows.length);
    for (const { name, sql, checksum } of pending) {
      await client.query("BEGIN");
      try {
        await client.query(sql);
        await client.query("INSERT INTO schema_migration (name, checksum) VALUES ($1, $2)", [name, checksum]);
        await client.query("COMMIT");
      } catch (error) {
        await client.query("ROLLBACK");
        throw new Error(`Migration ${name} failed: ${(error as Error).message}`, { cause: error });
      }
    }
    return pending.length;
  } finally {
    await client.end();
  }
}
