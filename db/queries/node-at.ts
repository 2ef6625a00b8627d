/** One node at the time that is asked for, from its intervals and the verdict log. */
import { type SQL, sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { RECENT_TIMES, SILENT_INTERVALS } from "#lib/domain/cadence";
import { droppedFrom } from "./distrusted-sql.ts";
import { runStart } from "./fleet-sql.ts";
import { limitMsAt } from "./limit.ts";
import type { LaneRow } from "./node.ts";
import { FUSED, instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";
import { arrived, believed, covers, type TimePoint, validAt } from "./time-sql.ts";

/** What the node's own line says at an instant. `open` = the interval has no end in what is known. */
export type NodeAtRow = { status: string; since: number; reason: string; open: boolean };

/** `undefined` when nothing was known about the node for that instant. */
export async function nodeAt(
  conn: Conn,
  scope: Scope,
  { nodeId, ...point }: TimePoint & { nodeId: string },
): Promise<NodeAtRow | undefined> {
  const [row] = await rowsOf<NodeAtRow>(
    conn,
    sql`SELECT i.state AS status, ${ms(runStart(point))} AS since, i.reason, i.valid_to IS NULL AS open
      FROM trust_interval i
      WHERE i.trust_domain_id = ANY(${uuids(scope)}) AND i.node_id = ${nodeId}::uuid AND i.source_id = ${FUSED}
        AND ${believed(sql`i`, point.knownAt)} AND ${covers(sql`i`, validAt(point))}`,
  );
  return row;
}

/** A lane at an instant. `open` as above; `gap` = silence, which has no verdicts of its own. */
export type LaneAtRow = LaneRow & { reason: string; open: boolean; gap: boolean };

const sameLane = (
  other: SQL,
) => sql`${other}.trust_domain_id = i.trust_domain_id AND ${other}.node_id = i.node_id
  AND ${other}.source_id = i.source_id AND ${other}.submod = i.submod`;

/**
 * The lanes that had begun by then, with the verdicts of their interval up to then. In a gap `lastAt` is the
 * last verdict before it.
 */
export async function laneListAt(
  conn: Conn,
  scope: Scope,
  { nodeId, ...point }: TimePoint & { nodeId: string },
): Promise<LaneAtRow[]> {
  const at = validAt(point);
  const heardBy = (v: SQL) => sql`${v}.observed_at <= ${instant(at)}
    AND ${arrived(sql`${v}.received_at`, point.knownAt)} AND NOT ${droppedFrom(v, point.knownAt)}`;
  const importing = point.knownAt ? sql`FALSE` : sql`coalesce(s.backfill_until > ${instant(at)}, FALSE)`;
  return rowsOf(
    conn,
    sql`SELECT i.source_id AS "sourceId", s.name AS "sourceName", s.kind AS "sourceKind", i.submod, i.state, i.reason,
        ${ms(sql`i.valid_from`)} AS since, i.valid_to IS NULL AS open, i.event_hash IS NULL AS gap,
        ${ms(sql`coalesce(CASE WHEN i.event_hash IS NOT NULL THEN h.first_at END, i.first_at, i.valid_from)`)} AS "firstAt",
        ${ms(sql`coalesce(h.last_at, i.valid_from)`)} AS "lastAt",
        CASE WHEN ${importing} THEN NULL ELSE ${limitMsAt(sql`coalesce(h.last_at, i.valid_from)`)}::float8 END AS "staleAfterMs",
        CASE WHEN i.event_hash IS NULL THEN 0 ELSE h.n END::float8 AS n,
        ${ms(sql`coalesce(a.at, h.last_at, i.valid_from)`)} AS "sourceHeardAt",
        CASE WHEN s.stale_after_ms IS NOT NULL THEN coalesce(
          s.cadence_ms[width_bucket((extract(epoch FROM a.at) * 1000)::bigint, s.cadence_from_ms)] * ${SILENT_INTERVALS},
          ${limitMsAt(sql`a.at`)})::float8 END AS "sourceSilentAfterMs",
        ARRAY(SELECT DISTINCT ${ms(sql`v.observed_at`)} AS at FROM verdict v
          WHERE ${sameLane(sql`v`)} AND ${heardBy(sql`v`)}
          ORDER BY at DESC LIMIT ${RECENT_TIMES}) AS heard
      FROM trust_interval i
      JOIN source s ON s.trust_domain_id = i.trust_domain_id AND s.id = i.source_id
      LEFT JOIN LATERAL (
        SELECT count(*) AS n, min(v.observed_at) AS first_at, max(v.observed_at) AS last_at FROM verdict v
        WHERE ${sameLane(sql`v`)} AND ${heardBy(sql`v`)}
          AND (i.event_hash IS NULL OR (v.observed_at >= i.valid_from AND v.evidence_key = i.evidence_key))
      ) h ON TRUE
      LEFT JOIN LATERAL (
        SELECT v.observed_at AS at FROM verdict v
        WHERE v.trust_domain_id = i.trust_domain_id AND v.source_id = i.source_id
          AND v.observed_at <= ${instant(at)} AND ${arrived(sql`v.received_at`, point.knownAt)}
        ORDER BY v.observed_at DESC LIMIT 1
      ) a ON TRUE
      WHERE i.trust_domain_id = ANY(${uuids(scope)}) AND i.node_id = ${nodeId}::uuid AND i.source_id <> ${FUSED}
        AND ${believed(sql`i`, point.knownAt)} AND ${covers(sql`i`, at)}
      ORDER BY s.name, i.submod`,
  );
}

/** What a lane said last by an instant. Members of the verdict are `null` when its log is gone. */
export type LaneStatementRow = {
  sourceId: string;
  submod: string;
  outcome: string;
  tier: string;
  vector: number[];
  measurementDigest: string | null;
  measurements: Record<string, string> | null;
  eventHash: string | null;
  observedAt: number | null;
  coverage: string[] | null;
  policyIds: string[] | null;
  verifierId: string | null;
  verifierBuild: string | null;
};

/** The statement in force at an instant, per lane; in a gap the last one before it. */
export async function laneStatementList(
  conn: Conn,
  scope: Scope,
  { nodeId, ...point }: TimePoint & { nodeId: string },
): Promise<LaneStatementRow[]> {
  const at = instant(validAt(point));
  return rowsOf(
    conn,
    sql`SELECT i.source_id AS "sourceId", i.submod, i.outcome, i.tier, i.vector,
        encode(i.measurement_digest, 'hex') AS "measurementDigest", m.items AS measurements,
        encode(v.event_hash, 'hex') AS "eventHash", ${ms(sql`v.observed_at`)} AS "observedAt", v.coverage,
        v.policy_ids AS "policyIds", v.verifier_id AS "verifierId", v.verifier_build AS "verifierBuild"
      FROM (
        SELECT DISTINCT ON (i.source_id, i.submod) i.* FROM trust_interval i
        WHERE i.trust_domain_id = ANY(${uuids(scope)}) AND i.node_id = ${nodeId}::uuid AND i.source_id <> ${FUSED}
          AND ${believed(sql`i`, point.knownAt)} AND i.event_hash IS NOT NULL AND i.valid_from <= ${at}
        ORDER BY i.source_id, i.submod, i.valid_from DESC
      ) i
      LEFT JOIN LATERAL (
        SELECT v.* FROM verdict v
        WHERE ${sameLane(sql`v`)} AND v.evidence_key = i.evidence_key AND v.observed_at >= i.valid_from
          AND v.observed_at <= ${at} AND ${arrived(sql`v.received_at`, point.knownAt)}
          AND NOT ${droppedFrom(sql`v`, point.knownAt)}
        ORDER BY v.observed_at DESC, v.event_hash DESC LIMIT 1
      ) v ON TRUE
      LEFT JOIN measurement_set m ON m.trust_domain_id = i.trust_domain_id AND m.digest = i.measurement_digest`,
  );
}

/** What a lane had measured last by an instant. */
export type LaneMeasuredRow = {
  sourceId: string;
  submod: string;
  digest: string;
  measurements: Record<string, string>;
};

/**
 * The last measurements of each lane by an instant. Silence, and statements without measurements, keep what
 * was measured before; lanes that never measured anything are left out.
 */
export async function laneMeasuredList(
  conn: Conn,
  scope: Scope,
  { nodeId, ...point }: TimePoint & { nodeId: string },
): Promise<LaneMeasuredRow[]> {
  return rowsOf(
    conn,
    sql`SELECT i.source_id AS "sourceId", i.submod, encode(i.measurement_digest, 'hex') AS digest, m.items AS measurements
      FROM (
        SELECT DISTINCT ON (i.source_id, i.submod) i.* FROM trust_interval i
        WHERE i.trust_domain_id = ANY(${uuids(scope)}) AND i.node_id = ${nodeId}::uuid AND i.source_id <> ${FUSED}
          AND ${believed(sql`i`, point.knownAt)} AND i.event_hash IS NOT NULL AND i.measurement_digest IS NOT NULL
          AND i.valid_from <= ${instant(validAt(point))}
        ORDER BY i.source_id, i.submod, i.valid_from DESC
      ) i
      JOIN measurement_set m ON m.trust_domain_id = i.trust_domain_id AND m.digest = i.measurement_digest`,
  );
}

/**
 * The last instant at which the node was trusted, as epoch milliseconds; `null` = never by then.
 *
 * Silence that is not written down yet ends trust too: the caller judges it for the open interval.
 */
export async function trustedUntil(
  conn: Conn,
  scope: Scope,
  { nodeId, ...point }: TimePoint & { nodeId: string },
): Promise<number | null> {
  const at = instant(validAt(point));
  const [row] = await rowsOf<{ at: number | null }>(
    conn,
    sql`SELECT ${ms(sql`max(i.valid_to)`)} AS at FROM trust_interval i
      WHERE i.trust_domain_id = ANY(${uuids(scope)}) AND i.node_id = ${nodeId}::uuid AND i.source_id = ${FUSED}
        AND ${believed(sql`i`, point.knownAt)} AND i.state = 'trusted' AND i.valid_to <= ${at}`,
  );
  return row?.at ?? null;
}
