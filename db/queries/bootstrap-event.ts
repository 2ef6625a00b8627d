/** Bootstrap events: of one node, and those that nobody could assign to one. */
import { type SQL, sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import type { Provenance } from "#lib/domain/bootstrap-event";
import { instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";
import { arrived, type TimePoint, upTo } from "./time-sql.ts";

export type BootstrapEventRow = {
  id: string;
  type: string;
  phase: string;
  outcome: string;
  reasonCode: string | null;
  reasonText: string | null;
  occurredAt: number;
  receivedAt: number;
  sourceName: string;
  method: string | null;
  actorAddress: string | null;
  identities: { kind: string; value: string }[];
  provenance: Provenance | null;
};

/** Where a page ended. */
export type BootstrapEventKey = { atMs: number; id: string };

const SELECT: SQL = sql`SELECT e.id, e.type, e.phase, e.outcome, e.reason_code AS "reasonCode",
    e.reason_text AS "reasonText", ${ms(sql`e.occurred_at`)} AS "occurredAt", ${ms(sql`e.received_at`)} AS "receivedAt",
    s.name AS "sourceName", e.method, e.actor ->> 'address' AS "actorAddress", e.identities,
    e.provenance
  FROM bootstrap_event e JOIN source s ON s.trust_domain_id = e.trust_domain_id AND s.id = e.source_id`;

/**
 * Events `e` that were known to belong to their node at an instant; `null` = now.
 *
 * People link events later than they arrive. A link that was taken back leaves no trace in its events.
 */
export const attributed = (knownAt: Date | null): SQL =>
  arrived(sql`coalesce(e.linked_at, e.received_at)`, knownAt);

/** Events `e` that belonged to no known node at an instant; `null` = now. */
export const unattributed = (knownAt: Date | null): SQL =>
  knownAt
    ? sql`e.received_at <= ${instant(knownAt)} AND (e.node_id IS NULL OR e.linked_at > ${instant(knownAt)})`
    : sql`e.node_id IS NULL`;

/**
 * One page of bootstrap events, newest first; the id breaks ties of the same millisecond.
 *
 * @param nodeId `null` = the events that belong to no known node
 * @param limit page size; one extra row is read to learn whether a next page exists
 */
export async function bootstrapEventList(
  conn: Conn,
  scope: Scope,
  args: TimePoint & { nodeId: string | null; after: BootstrapEventKey | null; limit: number },
): Promise<{ items: BootstrapEventRow[]; next: BootstrapEventKey | null }> {
  const { nodeId, asOf, knownAt, after, limit } = args;
  const conditions = [
    sql`e.trust_domain_id = ANY(${uuids(scope)})`,
    nodeId === null ? unattributed(knownAt) : sql`e.node_id = ${nodeId}::uuid AND ${attributed(knownAt)}`,
    upTo(sql`e.occurred_at`, asOf),
    after
      ? sql`(e.occurred_at < ${instant(new Date(after.atMs))}
          OR (e.occurred_at = ${instant(new Date(after.atMs))} AND e.id > ${after.id}::uuid))`
      : sql`TRUE`,
  ];
  const rows = await rowsOf<BootstrapEventRow>(
    conn,
    sql`${SELECT} WHERE ${sql.join(conditions, sql` AND `)} ORDER BY e.occurred_at DESC, e.id LIMIT ${limit + 1}`,
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? { atMs: last.occurredAt, id: last.id } : null };
}

/**
 * A node's events within a window, oldest first.
 *
 * @param knownAt only what had been received by then; `null` = everything
 */
export async function bootstrapEventsBetween(
  conn: Conn,
  scope: Scope,
  args: { nodeId: string; from: Date; to: Date; knownAt: Date | null; limit: number },
): Promise<BootstrapEventRow[]> {
  const { nodeId, from, to, knownAt, limit } = args;
  return rowsOf(
    conn,
    sql`${SELECT} WHERE e.trust_domain_id = ANY(${uuids(scope)}) AND e.node_id = ${nodeId}::uuid
        AND e.occurred_at >= ${instant(from)} AND e.occurred_at < ${instant(to)}
        AND ${attributed(knownAt)}
      ORDER BY e.occurred_at, e.id LIMIT ${limit}`,
  );
}
