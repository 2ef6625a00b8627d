/** Sources, their keys and how much they send. */
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { apiKey, source, sourceKey } from "#db/schema/source";
import { sourceWatch } from "#db/schema/watch";
import { instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";

export type SourceRow = typeof source.$inferSelect;
export type SourceKeyRow = typeof sourceKey.$inferSelect;
export type ApiKeyRow = typeof apiKey.$inferSelect;

export async function sourceList(conn: Conn, scope: Scope): Promise<SourceRow[]> {
  return conn
    .select()
    .from(source)
    .where(inArray(source.trustDomainId, [...scope]))
    .orderBy(source.name, source.id);
}

/** `undefined` when there is none or it lies outside the scope; callers answer 404 for both. */
export async function sourceFind(conn: Conn, scope: Scope, id: string): Promise<SourceRow | undefined> {
  const [row] = await conn
    .select()
    .from(source)
    .where(and(inArray(source.trustDomainId, [...scope]), eq(source.id, id)));
  return row;
}

/** The same, locked until the transaction ends. */
export async function sourceLock(tx: Tx, scope: Scope, id: string): Promise<SourceRow | undefined> {
  const [row] = await tx
    .select()
    .from(source)
    .where(and(inArray(source.trustDomainId, [...scope]), eq(source.id, id)))
    .for("update");
  return row;
}

/** @returns false when the name is taken in its trust domain */
export async function sourceInsert(tx: Tx, row: typeof source.$inferInsert): Promise<boolean> {
  const inserted = await tx
    .insert(source)
    .values(row)
    .onConflictDoNothing({ target: [source.trustDomainId, source.name] })
    .returning({ id: source.id });
  return inserted.length === 1;
}

export async function sourceDisable(tx: Tx, scope: Scope, id: string, at: Date): Promise<void> {
  await tx
    .update(source)
    .set({ disabledAt: at })
    .where(and(inArray(source.trustDomainId, [...scope]), eq(source.id, id), isNull(source.disabledAt)));
}

/**
 * Change a source's silence limit, and have its history derived again.
 *
 * Takes the lock of the reconcilers' state before the source's row, as they do.
 *
 * @param change new values from the row as it is under the lock
 */
export async function sourceSetLimit(
  tx: Tx,
  { trustDomainId, id }: SourceRow,
  change: (current: SourceRow) => Partial<typeof source.$inferInsert>,
): Promise<SourceRow> {
  const again = { refoldFrom: new Date(0), refoldAfter: null, watchedTo: null };
  await tx
    .insert(sourceWatch)
    .values({ trustDomainId, sourceId: id, ...again })
    .onConflictDoUpdate({ target: [sourceWatch.trustDomainId, sourceWatch.sourceId], set: again });
  const current = await sourceLock(tx, [trustDomainId], id);
  if (!current) throw new Error("The source is gone");
  const [row] = await tx
    .update(source)
    .set(change(current))
    .where(and(eq(source.trustDomainId, trustDomainId), eq(source.id, id)))
    .returning();
  return row ?? current;
}

export async function sourceSetEnrolment(
  tx: Tx,
  { trustDomainId, id }: Pick<SourceRow, "trustDomainId" | "id">,
  enrolment: SourceRow["enrolment"],
): Promise<void> {
  await tx
    .update(source)
    .set({ enrolment })
    .where(and(eq(source.trustDomainId, trustDomainId), eq(source.id, id)));
}

export async function sourceKeyInsert(tx: Tx, rows: (typeof sourceKey.$inferInsert)[]): Promise<void> {
  if (rows.length > 0) await tx.insert(sourceKey).values(rows);
}

export async function sourceKeyList(conn: Conn, scope: Scope): Promise<SourceKeyRow[]> {
  return conn
    .select()
    .from(sourceKey)
    .where(inArray(sourceKey.trustDomainId, [...scope]))
    .orderBy(sourceKey.createdAt, sourceKey.kid);
}

export async function apiKeyList(conn: Conn, scope: Scope): Promise<ApiKeyRow[]> {
  return conn
    .select()
    .from(apiKey)
    .where(inArray(apiKey.trustDomainId, [...scope]))
    .orderBy(apiKey.createdAt, apiKey.id);
}

export type SourceFacts = {
  sourceId: string;
  /** Newest evidence by its own date. */
  lastHeardAt: number | null;
  lastErrorAt: number | null;
  lastErrorCode: string | null;
  futureRefused: number;
  skewP50Ms: number | null;
  skewP95Ms: number | null;
  skewSamples: number;
};

/** How each source is heard and what it did wrong. */
export async function sourceFacts(conn: Conn, scope: Scope, now: Date): Promise<SourceFacts[]> {
  return rowsOf(
    conn,
    sql`SELECT s.id AS "sourceId", ${ms(sql`h.at`)} AS "lastHeardAt", ${ms(sql`e.last_at`)} AS "lastErrorAt",
        e.code AS "lastErrorCode", f.refused AS "futureRefused", w.skew_p50_ms AS "skewP50Ms",
        w.skew_p95_ms AS "skewP95Ms", coalesce(w.skew_samples, 0) AS "skewSamples"
      FROM source s
      LEFT JOIN source_watch w ON w.trust_domain_id = s.trust_domain_id AND w.source_id = s.id
      CROSS JOIN LATERAL (SELECT max(observed_at) AS at FROM verdict v
        WHERE v.trust_domain_id = s.trust_domain_id AND v.source_id = s.id) h
      LEFT JOIN LATERAL (SELECT last_at, code FROM rejected_event r
        WHERE r.trust_domain_id = s.trust_domain_id AND r.source_id = s.id
        ORDER BY last_at DESC, id DESC LIMIT 1) e ON TRUE
      CROSS JOIN LATERAL (SELECT count(*)::int AS refused FROM rejected_event r
        WHERE r.trust_domain_id = s.trust_domain_id AND r.source_id = s.id AND r.code = 'event/future'
          AND r.last_at > ${instant(now)} - interval '24 hours') f
      WHERE s.trust_domain_id = ANY(${uuids(scope)})`,
  );
}

export type SourceTraffic = {
  sourceId: string;
  lastReceivedAt: number | null;
  accepted: number;
  duplicate: number;
  rejected: number;
  /** Accepted per hour of the last 24, oldest first. */
  hourly: number[];
  nodes: number;
};

/** What each source sent in the 24 hours up to `now`, and about how many nodes it has evidence. */
export async function sourceTraffic(conn: Conn, scope: Scope, now: Date): Promise<SourceTraffic[]> {
  const start = sql`${instant(now)} - interval '24 hours'`;
  return rowsOf(
    conn,
    sql`SELECT s.id AS "sourceId", ${ms(sql`r.last_at`)} AS "lastReceivedAt",
        coalesce(r.accepted, 0)::float8 AS accepted, coalesce(r.duplicate, 0)::float8 AS duplicate,
        coalesce(r.rejected, 0)::float8 AS rejected, coalesce(l.nodes, 0)::int AS nodes,
        ARRAY(SELECT coalesce(sum(x.accepted), 0)::float8 FROM generate_series(0, 23) AS h(i)
          LEFT JOIN rollup x ON x.trust_domain_id = s.trust_domain_id AND x.source_id = s.id
            AND x.bucket > ${start} + h.i * interval '1 hour'
            AND x.bucket <= ${start} + (h.i + 1) * interval '1 hour'
          GROUP BY h.i ORDER BY h.i) AS hourly
      FROM source s
      LEFT JOIN LATERAL (
        SELECT max(last_received_at) AS last_at,
          sum(accepted) FILTER (WHERE bucket > ${start}) AS accepted,
          sum(duplicate) FILTER (WHERE bucket > ${start}) AS duplicate,
          sum(rejected) FILTER (WHERE bucket > ${start}) AS rejected
        FROM rollup WHERE trust_domain_id = s.trust_domain_id AND source_id = s.id
      ) r ON TRUE
      LEFT JOIN (
        SELECT trust_domain_id, source_id, count(DISTINCT node_id) AS nodes FROM lane
        WHERE trust_domain_id = ANY(${uuids(scope)}) GROUP BY 1, 2
      ) l ON l.trust_domain_id = s.trust_domain_id AND l.source_id = s.id
      WHERE s.trust_domain_id = ANY(${uuids(scope)})`,
  );
}
