/** The verdict log of one node. */
import { type SQL, sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";
import { arrived, type TimePoint, upTo } from "./time-sql.ts";

export type VerdictRow = {
  eventHash: string;
  observedAt: number;
  receivedAt: number;
  expiresAt: number | null;
  sourceId: string;
  sourceName: string;
  submod: string;
  state: string;
  outcome: string;
  tier: string;
  vector: number[];
  vectorOrigin: string;
  mappingVersion: string | null;
  statusMismatch: boolean;
  coverage: string[];
  reasons: { code: string; component?: string; got?: string; expected?: string; detail?: string }[];
  policyIds: string[];
  verifierId: string | null;
  verifierBuild: string | null;
  freshness: string;
  kid: string | null;
  alg: string | null;
  backfill: boolean;
  rawSha256: string;
  rawMediaType: string;
  rawAvailable: boolean;
  measurementDigest: string | null;
};

/** Where a page ended. `hash` is hex. */
export type VerdictKey = { atMs: number; hash: string };

const COLUMNS: SQL = sql`encode(v.event_hash, 'hex') AS "eventHash", ${ms(sql`v.observed_at`)} AS "observedAt",
  ${ms(sql`v.received_at`)} AS "receivedAt", ${ms(sql`v.expires_at`)} AS "expiresAt", v.source_id AS "sourceId",
  s.name AS "sourceName", v.submod, v.state, v.outcome, v.tier, v.vector, v.vector_origin AS "vectorOrigin",
  v.mapping_version AS "mappingVersion", v.status_mismatch AS "statusMismatch", v.coverage, v.reasons,
  v.policy_ids AS "policyIds", v.verifier_id AS "verifierId", v.verifier_build AS "verifierBuild", v.freshness,
  v.kid, v.alg, v.backfill, encode(v.raw_sha256, 'hex') AS "rawSha256", v.raw_media_type AS "rawMediaType",
  v.raw IS NOT NULL AS "rawAvailable", encode(v.measurement_digest, 'hex') AS "measurementDigest"`;

/** The log, and what is kept of it after its partitions were dropped. */
const FROM: SQL = sql`FROM (SELECT * FROM verdict UNION ALL SELECT * FROM verdict_kept) v JOIN source s ON s.trust_domain_id = v.trust_domain_id AND s.id = v.source_id`;

/**
 * One page of a node's verdicts, newest first.
 *
 * Keyset, not OFFSET: rows keep arriving while an auditor pages. The hash breaks ties between
 * verdicts of the same millisecond.
 *
 * @param before only verdicts observed at or before it
 * @param limit page size; one extra row is read to learn whether a next page exists
 */
export async function verdictListByNode(
  conn: Conn,
  scope: Scope,
  args: TimePoint & { nodeId: string; before: Date | null; after: VerdictKey | null; limit: number },
): Promise<{ items: VerdictRow[]; next: VerdictKey | null }> {
  const { nodeId, asOf, knownAt, before, after, limit } = args;
  const conditions = [
    sql`v.trust_domain_id = ANY(${uuids(scope)})`,
    sql`v.node_id = ${nodeId}::uuid`,
    upTo(sql`v.observed_at`, before),
    upTo(sql`v.observed_at`, asOf),
    arrived(sql`v.received_at`, knownAt),
    after
      ? sql`(v.observed_at, v.event_hash) < (${instant(new Date(after.atMs))}, decode(${after.hash}, 'hex'))`
      : sql`TRUE`,
  ];
  const rows = await rowsOf<VerdictRow>(
    conn,
    sql`SELECT ${COLUMNS} ${FROM} WHERE ${sql.join(conditions, sql` AND `)}
      ORDER BY v.observed_at DESC, v.event_hash DESC LIMIT ${limit + 1}`,
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    next: rows.length > limit && last ? { atMs: last.observedAt, hash: last.eventHash } : null,
  };
}

export type VerdictFull = VerdictRow & {
  trustDomainId: string;
  raw: Buffer | null;
  measurements: Record<string, string> | null;
};

/**
 * One verdict with its bytes and measurements.
 *
 * @param eventHash hex; `undefined` is answered when the node has no such verdict in the scope
 */
export async function verdictFind(
  conn: Conn,
  scope: Scope,
  { nodeId, eventHash }: { nodeId: string; eventHash: string },
): Promise<VerdictFull | undefined> {
  const [row] = await rowsOf<VerdictFull>(
    conn,
    sql`SELECT ${COLUMNS}, v.trust_domain_id AS "trustDomainId", v.raw, m.items AS measurements ${FROM}
      LEFT JOIN measurement_set m ON m.trust_domain_id = v.trust_domain_id AND m.digest = v.measurement_digest
      WHERE v.trust_domain_id = ANY(${uuids(scope)}) AND v.node_id = ${nodeId}::uuid
        AND v.event_hash = decode(${eventHash}, 'hex')
      ORDER BY v.observed_at LIMIT 1`,
  );
  return row;
}
