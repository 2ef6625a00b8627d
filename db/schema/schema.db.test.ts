import { readdirSync } from "node:fs";
import { join } from "node:path";
import { is } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import { describe, expect, it } from "vitest";
import { useDatabase } from "#tests/pg";

const { pool } = useDatabase();

/** Tables that the program does not query through drizzle, and why. */
const OTHER_TABLES = ["schema_migration"]; // written by db/migrate.ts before the schema exists

/** `table.column` to its type and whether it may be null. */
type Columns = Record<string, { type: string; notNull: boolean }>;

async function declared(): Promise<Columns> {
  const columns: Columns = {};
  const files = readdirSync(import.meta.dirname).filter((name) => /^[a-z-]+\.ts$/.test(name));
  for (const file of files) {
    const module = (await import(join(import.meta.dirname, file))) as Record<string, unknown>;
    for (const table of Object.values(module).filter((value) => is(value, PgTable))) {
      const config = getTableConfig(table);
      for (const column of config.columns) {
        columns[`${config.name}.${column.name}`] = { type: column.getSQLType(), notNull: column.notNull };
      }
    }
  }
  return columns;
}

async function existing(): Promise<Columns> {
  const { rows } = await pool.query<{ name: string; type: string; notNull: boolean }>(
    `SELECT c.relname || '.' || a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
       a.attnotnull AS "notNull"
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
       AND NOT c.relname = ANY ($1)`,
    [OTHER_TABLES],
  );
  return Object.fromEntries(rows.map(({ name, type, notNull }) => [name, { type, notNull }]));
}

/** PostgreSQL tells a type's full name, drizzle the one that was written. */
const sameType = (columns: Columns): Columns =>
  Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [
      name,
      {
        ...column,
        type: column.type.replace(/^timestamp ?\((\d)\)/, "timestamp($1)").replace(/\[\d*\]$/, "[]"),
      },
    ]),
  );

describe("the drizzle schema", () => {
  it("has every table and column of the database, with type and nullability, and no other", async () => {
    const [inCode, inDatabase] = [sameType(await declared()), sameType(await existing())];
    expect(Object.keys(inCode).length).toBeGreaterThan(50);
    expect(inCode).toEqual(inDatabase);
  });
});
