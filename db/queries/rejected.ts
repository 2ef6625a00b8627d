/** What a source sent that was refused. */
import { sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";
import { upTo } from "./time-sql.ts";

export type RejectedRow = {
  id: string;
  sourceId: string;
  category: string;
  code: string;
  detail: string;
  subject: string | null;
  times: number;
  firstAt: number;
  lastAt: number;
  rawSha256: string;
  rawBytes: number;
  /** The first 4 KiB. */
  head: Buffer;
};

/** Where a page ended. */
export type RejectedKey = { atMs: number; id: string };

/**
 * One page of refused events of a source, last refused first; the id breaks ties.
 *
 * @param asOf what had been refused by then, first refused last; `null` = now. Repeats only count up, so the
 *   order and the page of an earlier instant rest on what never changes
 * @param limit page size; one extra row is read to learn whether a next page exists
 */
export async function rejectedList(
  conn: Conn,
  scope: Scope,
  args: { sourceId: string; asOf: Date | null; after: RejectedKey | null; limit: number },
): Promise<{ items: RejectedRow[]; next: RejectedKey | null }> {
  const { sourceId, asOf, after, limit } = args;
  const order = asOf ? sql`first_at` : sql`last_at`;
  const rows = await rowsOf<RejectedRow>(
    conn,
    sql`SELECT id, source_id AS "sourceId", category, code, detail, subject, n::float8 AS times,
        ${ms(sql`first_at`)} AS "firstAt", ${ms(sql`last_at`)} AS "lastAt", encode(raw_sha256, 'hex') AS "rawSha256",
        raw_bytes::float8 AS "rawBytes", substring(raw FROM 1 FOR 4096) AS head
      FROM rejected_event
      WHERE trust_domain_id = ANY(${uuids(scope)}) AND source_id = ${sourceId}::uuid
        AND ${upTo(sql`first_at`, asOf)} AND ${
          after
            ? sql`(${order} < ${instant(new Date(after.atMs))}
              OR (${order} = ${instant(new Date(after.atMs))} AND id > ${after.id}::uuid))`
            : sql`TRUE`
        }
      ORDER BY ${order} DESC, id LIMIT ${limit + 1}`,
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    next: rows.length > limit && last ? { atMs: asOf ? last.firstAt : last.lastAt, id: last.id } : null,
  };
}
