/** Sources, their keys and how much they send. */
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { apiKey, source, sourceKey } from "#db/schema/source";
import { sourceWatch } from "#db/schema/watch";
import { ROLLUP_BUCKET_MS } from "./ingest-log.ts";
import { FUSED, instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";
import { arrived, believed, type TimePoint, upTo } from "./time-sql.ts";

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
  /** The measured skew is kept for now only. */
  skewP50Ms: number | null;
  skewP95Ms: number | null;
  skewSamples: number;
};

/**
 * How each source is heard and what it did wrong, as far as it had arrived by an instant.
 *
 * A refused event that is repeated only counts up: of an earlier instant the one that was refused first
 * last is the newest.
 */
export async function sourceFacts(
  conn: Conn,
  scope: Scope,
  { asOf, now }: Pick<TimePoint, "asOf" | "now">,
): Promise<SourceFacts[]> {
  const refusedAt = asOf ? sql`r.first_at` : sql`r.last_at`;
  const watched = asOf ? sql`FALSE` : sql`TRUE`;
  return rowsOf(
    conn,
    sql`SELECT s.id AS "sourceId", ${ms(sql`h.at`)} AS "lastHeardAt", ${ms(sql`e.at`)} AS "lastErrorAt",
        e.code AS "lastErrorCode", f.refused AS "futureRefused", w.skew_p50_ms AS "skewP50Ms",
        w.skew_p95_ms AS "skewP95Ms", coalesce(w.skew_samples, 0) AS "skewSamples"
      FROM source s
      LEFT JOIN source_watch w ON w.trust_domain_id = s.trust_domain_id AND w.source_id = s.id AND ${watched}
      CROSS JOIN LATERAL (SELECT max(observed_at) AS at FROM verdict v
        WHERE v.trust_domain_id = s.trust_domain_id AND v.source_id = s.id
          AND ${upTo(sql`v.observed_at`, asOf)} AND ${arrived(sql`v.received_at`, asOf)}) h
      LEFT JOIN LATERAL (SELECT ${refusedAt} AS at, code FROM rejected_event r
        WHERE r.trust_domain_id = s.trust_domain_id AND r.source_id = s.id AND ${upTo(refusedAt, asOf)}
        ORDER BY ${refusedAt} DESC, id DESC LIMIT 1) e ON TRUE
      CROSS JOIN LATERAL (SELECT count(*)::int AS refused FROM rejected_event r
        WHERE r.trust_domain_id = s.trust_domain_id AND r.source_id = s.id AND r.code = 'event/future'
          AND ${upTo(refusedAt, asOf)} AND ${refusedAt} > ${instant(asOf ?? now)} - interval '24 hours') f
      WHERE s.trust_domain_id = ANY(${uuids(scope)})`,
  );
}

/** Width of a counter bucket, as ingest writes them. */
const BUCKET = sql`${ROLLUP_BUCKET_MS} * interval '1 millisecond'`;

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

/**
 * What each source sent in the 24 hours up to an instant, and about how many nodes it had evidence then.
 *
 * Counters are kept by buckets of received time: of an earlier instant a bucket counts once it is over.
 */
export async function sourceTraffic(
  conn: Conn,
  scope: Scope,
  { asOf, now }: Pick<TimePoint, "asOf" | "now">,
): Promise<SourceTraffic[]> {
  const start = sql`${instant(asOf ?? now)} - interval '24 hours'`;
  const lanes = asOf
    ? sql`(SELECT i.trust_domain_id, i.source_id, i.node_id FROM trust_interval i
        WHERE i.source_id <> ${FUSED} AND i.valid_from <= ${instant(asOf)} AND ${believed(sql`i`, asOf)})`
    : sql`lane`;
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
          AND ${asOf ? sql`bucket + ${BUCKET} <= ${instant(asOf)}` : sql`TRUE`}
      ) r ON TRUE
      LEFT JOIN (
        SELECT l.trust_domain_id, l.source_id, count(DISTINCT l.node_id) AS nodes FROM ${lanes} l
        WHERE l.trust_domain_id = ANY(${uuids(scope)}) GROUP BY 1, 2
      ) l ON l.trust_domain_id = s.trust_domain_id AND l.source_id = s.id
      WHERE s.trust_domain_id = ANY(${uuids(scope)})`,
  );
}
