/** One node: what it is, who it is, and its lines of evidence. */
import { sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { RECENT_TIMES, SILENT_INTERVALS } from "#lib/domain/cadence";
import { limitMsAt } from "./limit.ts";
import { FUSED, instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";
import { arrived, type TimePoint, upTo } from "./time-sql.ts";

export type NodeRow = {
  trustDomainId: string;
  id: string;
  displayName: string;
  createdAt: number;
  status: string;
  since: number;
  reason: string;
  lifecycle: string;
  lifecycleSince: number;
  disposition: string;
  labels: Record<string, string>;
};

/** `undefined` when there is none or it lies outside the scope; callers answer 404 for both. */
export async function nodeFind(conn: Conn, scope: Scope, nodeId: string): Promise<NodeRow | undefined> {
  const [row] = await rowsOf<NodeRow>(
    conn,
    sql`SELECT n.trust_domain_id AS "trustDomainId", n.id, n.display_name AS "displayName",
        ${ms(sql`n.created_at`)} AS "createdAt", s.status, ${ms(sql`s.since`)} AS since, s.reason,
        s.lifecycle_state AS lifecycle, ${ms(sql`coalesce(s.lifecycle_entered_at, n.first_seen_at)`)} AS "lifecycleSince", n.disposition,
        n.labels
      FROM node n JOIN node_state s ON s.trust_domain_id = n.trust_domain_id AND s.node_id = n.id
      WHERE n.trust_domain_id = ANY(${uuids(scope)}) AND n.id = ${nodeId}::uuid`,
  );
  return row;
}

export type IdentityRow = {
  kind: string;
  value: string;
  strong: boolean;
  role: string;
  incarnationId: string | null;
  validFrom: number;
  validTo: number | null;
};

/**
 * Every alias the node has or had; strong ones in use first.
 *
 * An alias begins when it is learnt, so its beginning says what was known and not what was true.
 *
 * @param knownAt only what was known then; `null` = now
 */
export async function nodeIdentityList(
  conn: Conn,
  scope: Scope,
  { nodeId, knownAt }: { nodeId: string; knownAt: Date | null },
): Promise<IdentityRow[]> {
  const ended = arrived(sql`valid_to`, knownAt);
  return rowsOf(
    conn,
    sql`SELECT kind, value, strong, role, incarnation_id AS "incarnationId", ${ms(sql`valid_from`)} AS "validFrom",
        CASE WHEN ${ended} THEN ${ms(sql`valid_to`)} END AS "validTo"
      FROM node_identity WHERE trust_domain_id = ANY(${uuids(scope)}) AND node_id = ${nodeId}::uuid
        AND ${arrived(sql`valid_from`, knownAt)}
      ORDER BY (valid_to IS NOT NULL AND ${ended}), strong DESC, kind, value, valid_from`,
  );
}

export type IncarnationRow = { id: string; openedAt: number; closedAt: number | null; why: string };

/**
 * Provisionings of a node that had begun at the time that is asked for, the oldest first.
 *
 * One is known once one of its identities is. When an identity was first seen is kept once: where late
 * evidence moved it, an earlier knowledge shows it moved already.
 */
export async function incarnationList(
  conn: Conn,
  scope: Scope,
  { nodeId, ...point }: TimePoint & { nodeId: string },
): Promise<IncarnationRow[]> {
  return rowsOf(
    conn,
    sql`SELECT n.id, ${ms(sql`n.opened_at`)} AS "openedAt",
        ${ms(sql`lead(n.opened_at) OVER (ORDER BY n.opened_at, n.closed_at, n.id)`)} AS "closedAt", n.why
      FROM incarnation n
      WHERE n.trust_domain_id = ANY(${uuids(scope)}) AND n.node_id = ${nodeId}::uuid
        AND ${upTo(sql`n.opened_at`, point.asOf)}
        AND ${
          point.knownAt
            ? sql`EXISTS (SELECT FROM node_identity i WHERE i.trust_domain_id = n.trust_domain_id
                AND i.node_id = n.node_id AND i.incarnation_id = n.id AND i.valid_from <= ${instant(point.knownAt)})`
            : sql`TRUE`
        }
      ORDER BY n.opened_at, n.closed_at, n.id`,
  );
}

export type LaneRow = {
  sourceId: string;
  sourceName: string;
  sourceKind: string;
  submod: string;
  state: string;
  since: number;
  firstAt: number;
  lastAt: number;
  staleAfterMs: number | null;
  /** Last time that its source was heard about anything. */
  sourceHeardAt: number;
  /** Silence after that by which the whole source is silent; `null` = never. */
  sourceSilentAfterMs: number | null;
  /** When the lane was last heard, newest first, enough for its cadence. */
  heard: number[];
  n: number;
};

/** @param now while history is being imported silence is not judged: such lanes have no limit then */
export async function laneList(
  conn: Conn,
  scope: Scope,
  { nodeId, now }: { nodeId: string; now: Date },
): Promise<LaneRow[]> {
  return rowsOf(
    conn,
    sql`SELECT l.source_id AS "sourceId", s.name AS "sourceName", s.kind AS "sourceKind", l.submod, l.state,
        ${ms(sql`l.since`)} AS since, ${ms(sql`l.first_at`)} AS "firstAt", ${ms(sql`l.last_at`)} AS "lastAt",
        CASE WHEN s.backfill_until > ${instant(now)} THEN NULL ELSE ${limitMsAt(sql`l.last_at`)}::float8 END AS "staleAfterMs", l.n::float8 AS n,
        ${ms(sql`h.at`)} AS "sourceHeardAt",
        CASE WHEN s.stale_after_ms IS NOT NULL THEN coalesce(
          s.cadence_ms[width_bucket((extract(epoch FROM h.at) * 1000)::bigint, s.cadence_from_ms)] * ${SILENT_INTERVALS},
          ${limitMsAt(sql`h.at`)})::float8 END AS "sourceSilentAfterMs",
        ARRAY(SELECT DISTINCT ${ms(sql`v.observed_at`)} AS at FROM verdict v
          WHERE v.trust_domain_id = l.trust_domain_id AND v.node_id = l.node_id AND v.source_id = l.source_id
            AND v.submod = l.submod
          ORDER BY at DESC LIMIT ${RECENT_TIMES}) AS heard
      FROM lane l JOIN source s ON s.trust_domain_id = l.trust_domain_id AND s.id = l.source_id
      CROSS JOIN LATERAL (SELECT max(observed_at) AS at FROM verdict v
        WHERE v.trust_domain_id = l.trust_domain_id AND v.source_id = l.source_id) h
      WHERE l.trust_domain_id = ANY(${uuids(scope)}) AND l.node_id = ${nodeId}::uuid
      ORDER BY s.name, l.submod`,
  );
}

/** End of the last believed stretch of trust, as epoch milliseconds; `null` = none has ended. */
export async function nodeLastTrusted(conn: Conn, scope: Scope, nodeId: string): Promise<number | null> {
  const [row] = await rowsOf<{ at: number | null }>(
    conn,
    sql`SELECT ${ms(sql`max(valid_to)`)} AS at FROM trust_interval
      WHERE trust_domain_id = ANY(${uuids(scope)}) AND node_id = ${nodeId}::uuid AND source_id = ${FUSED}
        AND recorded_to IS NULL AND state = 'trusted'`,
  );
  return row?.at ?? null;
}
