/** The facts that SIEMs are told: noting them with a change, giving them an order, reading them. Raw SQL where batches are written. */
import { eq, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { feedHead } from "#db/schema/feed";
import type { SqlClient } from "#db/transaction";
import type { Fact, FeedItem } from "#lib/domain/feed/fact";
import { insertRows, type RowValue } from "./insert-rows.ts";
import { instant, ms, rowsOf } from "./sql.ts";

export type NotedFact = { id: string; nodeId: string | null; at: Date; fact: Fact };

/** Note facts in the transaction of the change that they tell of, under its locks. */
export async function factInsertAll(
  client: SqlClient,
  trustDomainId: string,
  facts: readonly NotedFact[],
): Promise<void> {
  await insertRows(
    client,
    {
      name: "fact_insert",
      table: "feed_fact",
      columns: ["trust_domain_id", "id", "kind", "node_id", "at", "fact"],
      suffix: "",
    },
    facts.map(({ id, nodeId, at, fact }): RowValue[] => [
      trustDomainId,
      id,
      fact.kind,
      nodeId,
      at,
      JSON.stringify(fact),
    ]),
  );
}

export type HeadRow = typeof feedHead.$inferSelect;

/** Locked until the transaction ends; `undefined` when somebody else holds it. Made when it is the domain's first time. */
export async function headLock(tx: Tx, trustDomainId: string): Promise<HeadRow | undefined> {
  const fresh = { trustDomainId, lastSeq: 0, auditSize: 0, keptFrom: 1 };
  await tx.insert(feedHead).values(fresh).onConflictDoNothing();
  const [row] = await tx
    .select()
    .from(feedHead)
    .where(eq(feedHead.trustDomainId, trustDomainId))
    .for("update", { skipLocked: true });
  return row;
}

export async function headRead(conn: Conn, trustDomainId: string): Promise<HeadRow | undefined> {
  const [row] = await conn.select().from(feedHead).where(eq(feedHead.trustDomainId, trustDomainId));
  return row;
}

export async function headMove(
  tx: Tx,
  { trustDomainId, ...set }: Pick<HeadRow, "trustDomainId"> & Partial<HeadRow>,
): Promise<void> {
  await tx.update(feedHead).set(set).where(eq(feedHead.trustDomainId, trustDomainId));
}

/**
 * Note entries of the audit log that are not in the order yet, each under its own id.
 *
 * @param from how many entries are in it already
 * @returns how many were noted
 */
export async function auditFactsInsert(
  tx: Tx,
  trustDomainId: string,
  { from, limit }: { from: number; limit: number },
): Promise<number> {
  const rows = await rowsOf<{ n: number }>(
    tx,
    sql`WITH entries AS (
        SELECT l.leaf_index, l.entry_id, encode(l.leaf_hash, 'hex') AS leaf_hash, p.entry_id AS before_id,
          encode(p.leaf_hash, 'hex') AS before_hash, e.*
        FROM audit_leaf l
        LEFT JOIN audit_leaf p ON p.trust_domain_id = l.trust_domain_id AND p.leaf_index = l.leaf_index - 1
        LEFT JOIN audit_entry e ON e.trust_domain_id = l.trust_domain_id AND e.id = l.entry_id
        WHERE l.trust_domain_id = ${trustDomainId} AND l.leaf_index >= ${from}
        ORDER BY l.leaf_index LIMIT ${limit}
      ), noted AS (
        INSERT INTO feed_fact (trust_domain_id, id, kind, node_id, at, noted_us, fact)
        SELECT ${trustDomainId}, e.entry_id, 'audit', n.id, e.at, (extract(epoch FROM e.at) * 1000000)::bigint,
          jsonb_build_object('kind', 'audit', 'action', e.action, 'actorKind', e.actor_kind, 'actorId', e.actor_id,
            'actorName', coalesce(u.email, s.name), 'entity', e.entity, 'entityId', e.entity_id, 'outcome', e.outcome,
            'problemCode', e.problem_code, 'address', e.address, 'requestId', e.request_id, 'before', e.before,
            'after', e.after, 'leafIndex', e.leaf_index, 'leafHash', e.leaf_hash,
            'previous', CASE WHEN e.before_id IS NULL THEN NULL
              ELSE jsonb_build_object('entryId', e.before_id, 'leafHash', e.before_hash) END)
        FROM entries e
        LEFT JOIN app_user u ON e.actor_kind = 'user' AND u.id::text = e.actor_id
        LEFT JOIN service_account s ON e.actor_kind = 'service' AND s.id::text = e.actor_id
        LEFT JOIN node n ON e.entity = 'node' AND n.trust_domain_id = ${trustDomainId} AND n.id::text = e.entity_id
        WHERE e.id IS NOT NULL
        ON CONFLICT DO NOTHING
      ) SELECT count(*)::int AS n FROM entries`,
  );
  return rows[0]?.n ?? 0;
}

/** Give places to committed facts that have none, by when they were noted. @returns how many */
export async function factNumber(
  tx: Tx,
  trustDomainId: string,
  { after, limit }: { after: number; limit: number },
): Promise<number> {
  const rows = await rowsOf<{ n: number }>(
    tx,
    sql`WITH waiting AS (
        SELECT id, row_number() OVER (ORDER BY noted_us, id) AS n FROM (
          SELECT id, noted_us FROM feed_fact WHERE trust_domain_id = ${trustDomainId} AND seq IS NULL
          ORDER BY noted_us, id LIMIT ${limit}
        ) oldest
      ), numbered AS (
        UPDATE feed_fact f SET seq = ${after}::bigint + w.n FROM waiting w
        WHERE f.trust_domain_id = ${trustDomainId} AND f.id = w.id RETURNING 1
      ) SELECT count(*)::int AS n FROM numbered`,
  );
  return rows[0]?.n ?? 0;
}

/** Facts behind a place, in their order. */
export async function factList(
  conn: Conn,
  trustDomainId: string,
  { after, limit }: { after: number; limit: number },
): Promise<FeedItem[]> {
  return itemsWhere(
    conn,
    sql`f.trust_domain_id = ${trustDomainId} AND f.seq > ${after} ORDER BY f.seq LIMIT ${limit}`,
  );
}

/** One fact by its place; `undefined` when it is not kept any more. */
export async function factAt(conn: Conn, trustDomainId: string, seq: number): Promise<FeedItem | undefined> {
  const [item] = await itemsWhere(conn, sql`f.trust_domain_id = ${trustDomainId} AND f.seq = ${seq}`);
  return item;
}

async function itemsWhere(conn: Conn, where: ReturnType<typeof sql>): Promise<FeedItem[]> {
  const rows = await rowsOf<Omit<FeedItem, "node"> & { nodeId: string | null; nodeName: string | null }>(
    conn,
    sql`SELECT f.trust_domain_id AS "trustDomainId", f.id, f.seq::float8 AS seq, ${ms(sql`f.at`)} AS "atMs",
        f.node_id AS "nodeId", n.display_name AS "nodeName", f.fact
      FROM feed_fact f LEFT JOIN node n ON n.trust_domain_id = f.trust_domain_id AND n.id = f.node_id
      WHERE ${where}`,
  );
  return rows.map(({ nodeId, nodeName, ...item }) => ({
    ...item,
    node: nodeId === null ? null : { id: nodeId, name: nodeName ?? nodeId },
  }));
}

/**
 * Forget facts that were told to every sink that is on, and are old. What waits to be sent again is kept.
 *
 * @param before facts that were known earlier
 * @returns how many were forgotten
 */
export async function factForget(
  tx: Tx,
  trustDomainId: string,
  { before, limit }: { before: Date; limit: number },
): Promise<number> {
  const rows = await rowsOf<{ n: number }>(
    tx,
    sql`WITH bound AS (
        SELECT min(cursor) AS seq FROM sink WHERE trust_domain_id = ${trustDomainId} AND disabled_at IS NULL
      ), old AS (
        SELECT f.id FROM feed_fact f, bound b
        WHERE f.trust_domain_id = ${trustDomainId} AND f.seq <= coalesce(b.seq, f.seq)
          AND f.at < ${instant(before)}
          AND NOT EXISTS (SELECT FROM sink_dead_letter d
            WHERE d.trust_domain_id = f.trust_domain_id AND d.fact_id = f.id)
        ORDER BY f.seq LIMIT ${limit}
      ), gone AS (
        DELETE FROM feed_fact f USING old o WHERE f.trust_domain_id = ${trustDomainId} AND f.id = o.id RETURNING 1
      ) SELECT count(*)::int AS n FROM gone`,
  );
  return rows[0]?.n ?? 0;
}

/** The first place that is still kept; `null` = none is. */
export async function factFirst(conn: Conn, trustDomainId: string): Promise<number | null> {
  const [row] = await rowsOf<{ seq: number | null }>(
    conn,
    sql`SELECT min(seq)::float8 AS seq FROM feed_fact WHERE trust_domain_id = ${trustDomainId} AND seq IS NOT NULL`,
  );
  return row?.seq ?? null;
}
