/** Small pieces of SQL that several queries share. */
import { type SQL, sql } from "drizzle-orm";
import type { Conn } from "#db/client";

/** `source_id` of a node's own line, fused from its lanes. */
export const FUSED = sql`'00000000-0000-0000-0000-000000000000'::uuid`;

/** Trust domains the caller may see, as the right side of `= ANY(…)`. Every query takes it. */
export type Scope = readonly string[];

export const uuids = (ids: readonly string[]): SQL => sql`${sql.param([...ids])}::uuid[]`;
export const texts = (values: readonly string[]): SQL => sql`${sql.param([...values])}::text[]`;
export const instant = (date: Date): SQL => sql`${date.toISOString()}::timestamptz`;

/** An instant as epoch milliseconds: raw queries give timestamps as text, numbers arrive as they are. */
export const ms = (column: SQL): SQL => sql`(extract(epoch FROM ${column}) * 1000)::float8`;

/** Run a raw query. The caller states the row's shape and is bound to the select list by its tests. */
export async function rowsOf<T>(conn: Conn, query: SQL): Promise<T[]> {
  const { rows } = await conn.execute(query);
  return rows as T[];
}

/** A pattern that matches the text anywhere, whatever characters it has. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}
