/** Sums over everything, for operators. */
import { sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import type { Tier } from "#lib/domain/ar4si";
import { rowsOf } from "./sql.ts";

/** Verdicts ever stored, by tier, from the counters of all sources. */
export async function verdictTotals(conn: Conn): Promise<Record<Tier, number>> {
  const [row] = await rowsOf<Record<Tier, number>>(
    conn,
    sql`SELECT coalesce(sum(no_tier), 0)::float8 AS none, coalesce(sum(affirming), 0)::float8 AS affirming,
        coalesce(sum(warning), 0)::float8 AS warning, coalesce(sum(contraindicated), 0)::float8 AS contraindicated
      FROM rollup`,
  );
  return row ?? { none: 0, affirming: 0, warning: 0, contraindicated: 0 };
}

/** Names of the applied migrations, oldest first. @throws when the database was never migrated */
export async function appliedMigrations(conn: Conn): Promise<string[]> {
  const rows = await rowsOf<{ name: string }>(conn, sql`SELECT name FROM schema_migration ORDER BY name`);
  return rows.map(({ name }) => name);
}
