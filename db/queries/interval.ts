/** The believed history of one node, as of now or as it was known at an earlier instant. */
import { sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { attributed } from "./bootstrap-event.ts";
import { droppedFrom } from "./distrusted-sql.ts";
import { limitMsAt } from "./limit.ts";
import { FUSED, instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";
import { arrived, believed } from "./time-sql.ts";

export type IntervalRow = {
  /** `null` for the node's own line. */
  sourceId: string | null;
  sourceName: string | null;
  staleAfterMs: number | null;
  submod: string;
  from: number;
  to: number | null;
  state: string;
  reason: string;
  outcome: string | null;
  tier: string | null;
  vector: number[] | null;
  measurementDigest: string | null;
  kid: string | null;
  n: number;
  firstAt: number | null;
  lastAt: number | null;
  recordedAt: number;
};

/**
 * Intervals that overlap a window, per line and in order of time.
 *
 * The open interval of a lane is counted in the hot row. For an earlier knowledge instant the hot row
 * knows too much, so its verdicts that had been received by then are counted instead.
 *
 * @param knownAt `null` = what is believed now
 */
export async function intervalList(
  conn: Conn,
  scope: Scope,
  args: { nodeId: string; from: Date; to: Date; knownAt: Date | null; now: Date },
): Promise<IntervalRow[]> {
  const { nodeId, from, to, knownAt, now } = args;
  const known = believed(sql`i`, knownAt);
  const heard = knownAt
    ? sql`SELECT count(*)::bigint AS n, min(v.observed_at) AS first_at, max(v.observed_at) AS last_at
        FROM verdict v WHERE v.trust_domain_id = i.trust_domain_id AND v.node_id = i.node_id
          AND v.source_id = i.source_id AND v.submod = i.submod
          AND v.observed_at >= i.valid_from AND v.evidence_key = i.evidence_key
          AND ${arrived(sql`v.received_at`, knownAt)} AND NOT ${droppedFrom(sql`v`, knownAt)}
        HAVING count(*) > 0`
    : sql`SELECT l.n, l.first_at, l.last_at FROM lane l
        WHERE l.trust_domain_id = i.trust_domain_id AND l.node_id = i.node_id AND l.source_id = i.source_id
          AND l.submod = i.submod AND l.since = i.valid_from`;
  return rowsOf(
    conn,
    sql`SELECT nullif(i.source_id, ${FUSED}) AS "sourceId", s.name AS "sourceName",
        CASE WHEN ${knownAt ? sql`FALSE` : sql`s.backfill_until > ${instant(now)}`} THEN NULL ELSE ${limitMsAt(sql`coalesce(h.last_at, i.last_at)`)}::float8 END AS "staleAfterMs",
        i.submod,
        ${ms(sql`i.valid_from`)} AS "from", ${ms(sql`i.valid_to`)} AS "to", i.state, i.reason, i.outcome, i.tier,
        i.vector, encode(i.measurement_digest, 'hex') AS "measurementDigest", i.kid,
        coalesce(h.n, i.n)::float8 AS n, ${ms(sql`coalesce(h.first_at, i.first_at)`)} AS "firstAt",
        ${ms(sql`coalesce(h.last_at, i.last_at)`)} AS "lastAt", ${ms(sql`i.recorded_from`)} AS "recordedAt"
      FROM trust_interval i
      LEFT JOIN source s ON s.trust_domain_id = i.trust_domain_id AND s.id = i.source_id
      LEFT JOIN LATERAL (${heard}) h ON i.valid_to IS NULL AND i.event_hash IS NOT NULL
      WHERE i.trust_domain_id = ANY(${uuids(scope)}) AND i.node_id = ${nodeId}::uuid AND ${known}
        AND i.valid_from < ${instant(to)} AND (i.valid_to IS NULL OR i.valid_to > ${instant(from)})
      ORDER BY i.source_id = ${FUSED} DESC, s.name, i.submod, i.valid_from`,
  );
}

/**
 * The instant from which on a node's history fits into an answer.
 *
 * @param limit most beginnings of intervals and events after the cut
 * @returns `null` when everything since `from` fits
 */
export async function timelineCut(
  conn: Conn,
  scope: Scope,
  args: { nodeId: string; from: Date; to: Date; knownAt: Date | null; limit: number },
): Promise<Date | null> {
  const { nodeId, from, to, knownAt, limit } = args;
  const [row] = await rowsOf<{ at: number }>(
    conn,
    sql`SELECT ${ms(sql`min(at)`)} AS at FROM (
        (SELECT i.valid_from AS at FROM trust_interval i
        WHERE i.trust_domain_id = ANY(${uuids(scope)}) AND i.node_id = ${nodeId}::uuid AND ${believed(sql`i`, knownAt)}
          AND i.valid_from < ${instant(to)} AND i.valid_from >= ${instant(from)})
        UNION ALL
        (SELECT e.occurred_at FROM bootstrap_event e
        WHERE e.trust_domain_id = ANY(${uuids(scope)}) AND e.node_id = ${nodeId}::uuid
          AND e.occurred_at < ${instant(to)} AND e.occurred_at >= ${instant(from)}
          AND ${attributed(knownAt)})
        ORDER BY at DESC LIMIT ${limit + 1}
      ) newest HAVING count(*) > ${limit}`,
  );
  return row ? new Date(row.at + 1) : null;
}

/**
 * The first instant that anything is recorded about the node, as epoch milliseconds; `null` = nothing.
 *
 * @param knownAt by what was known then; `null` = now
 */
export async function nodeEarliest(
  conn: Conn,
  scope: Scope,
  { nodeId, knownAt }: { nodeId: string; knownAt: Date | null },
): Promise<number | null> {
  const [row] = await rowsOf<{ at: number | null }>(
    conn,
    sql`SELECT ${ms(sql`least(
        (SELECT min(i.valid_from) FROM trust_interval i
          WHERE i.trust_domain_id = ANY(${uuids(scope)}) AND i.node_id = ${nodeId}::uuid
            AND ${believed(sql`i`, knownAt)}),
        (SELECT min(e.occurred_at) FROM bootstrap_event e
          WHERE e.trust_domain_id = ANY(${uuids(scope)}) AND e.node_id = ${nodeId}::uuid
            AND ${attributed(knownAt)}))`)} AS at`,
  );
  return row?.at ?? null;
}
