/** One node: what it is, who it is, and its lines of evidence. */
import { sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { FUSED, instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";
import { arrived } from "./time-sql.ts";

export type NodeRow = {
  trustDomainId: string;
  id: string;
  displayName: string;
  createdAt: number;
  status: string;
  since: number;
  reason: string;
};

/** `undefined` when there is none or it lies outside the scope; callers answer 404 for both. */
export async function nodeFind(conn: Conn, scope: Scope, nodeId: string): Promise<NodeRow | undefined> {
  const [row] = await rowsOf<NodeRow>(
    conn,
    sql`SELECT n.trust_domain_id AS "trustDomainId", n.id, n.display_name AS "displayName",
        ${ms(sql`n.created_at`)} AS "createdAt", s.status, ${ms(sql`s.since`)} AS since, s.reason
      FROM node n JOIN node_state s ON s.trust_domain_id = n.trust_domain_id AND s.node_id = n.id
      WHERE n.trust_domain_id = ANY(${uuids(scope)}) AND n.id = ${nodeId}::uuid`,
  );
  return row;
}

export type IdentityRow = {
  kind: string;
  value: string;
  strong: boolean;
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
    sql`SELECT kind, value, strong, ${ms(sql`valid_from`)} AS "validFrom",
        CASE WHEN ${ended} THEN ${ms(sql`valid_to`)} END AS "validTo"
      FROM node_identity WHERE trust_domain_id = ANY(${uuids(scope)}) AND node_id = ${nodeId}::uuid
        AND ${arrived(sql`valid_from`, knownAt)}
      ORDER BY (valid_to IS NOT NULL AND ${ended}), strong DESC, kind, value, valid_from`,
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
        CASE WHEN s.backfill_until > ${instant(now)} THEN NULL ELSE s.stale_after_ms::float8 END AS "staleAfterMs", l.n::float8 AS n
      FROM lane l JOIN source s ON s.trust_domain_id = l.trust_domain_id AND s.id = l.source_id
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
