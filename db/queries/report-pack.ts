/** What an evidence pack encloses besides the report itself. */
import { and, asc, desc, eq, inArray, lt, lte, type SQL, sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { auditCheckpoint, auditLeaf } from "#db/schema/audit-log";
import { auditEntry } from "#db/schema/people";
import { policyVersion } from "#db/schema/policy";
import type { AuditEntryRow } from "./audit.ts";
import type { CheckpointRow } from "./audit-log.ts";
import { instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";

/** Texts of policies, by their digests. */
export async function policyTexts(conn: Conn, scope: Scope, digests: readonly Buffer[]): Promise<string[]> {
  if (digests.length === 0) return [];
  const rows = await conn
    .selectDistinct({ text: policyVersion.text })
    .from(policyVersion)
    .where(
      and(inArray(policyVersion.trustDomainId, [...scope]), inArray(policyVersion.digest, [...digests])),
    );
  return rows.map(({ text }) => text);
}

/** Entries about some things that are among the first `size` of a log, with their places. */
export async function citedEntries(
  conn: Conn,
  trustDomainId: string,
  args: { entityIds: readonly string[]; size: number; limit: number },
): Promise<{ index: number; entry: AuditEntryRow }[]> {
  if (args.entityIds.length === 0) return [];
  return conn
    .select({ index: auditLeaf.leafIndex, entry: auditEntry })
    .from(auditEntry)
    .innerJoin(
      auditLeaf,
      and(eq(auditLeaf.trustDomainId, auditEntry.trustDomainId), eq(auditLeaf.entryId, auditEntry.id)),
    )
    .where(
      and(
        eq(auditEntry.trustDomainId, trustDomainId),
        inArray(auditEntry.entityId, [...args.entityIds]),
        lt(auditLeaf.leafIndex, args.size),
      ),
    )
    .orderBy(asc(auditLeaf.leafIndex))
    .limit(args.limit);
}

/** The newest checkpoint of a log that was signed at or before an instant. */
export async function checkpointBefore(
  conn: Conn,
  trustDomainId: string,
  at: Date,
): Promise<CheckpointRow | undefined> {
  const [row] = await conn
    .select()
    .from(auditCheckpoint)
    .where(and(eq(auditCheckpoint.trustDomainId, trustDomainId), lte(auditCheckpoint.at, at)))
    .orderBy(desc(auditCheckpoint.size))
    .limit(1);
  return row;
}

export type PackedVerdict = {
  nodeId: string;
  source: string;
  mediaType: string;
  observedAt: number;
  receivedAt: number;
  raw: Buffer;
};

/**
 * The newest document about each node that was observed before `to` and known at `knownAt`, where it is still kept.
 *
 * @param from none that was observed before it; `null` = however old it is
 */
export function packEvidence(
  conn: Conn,
  scope: Scope,
  args: { nodeIds: readonly string[]; from: Date | null; to: Date; knownAt: Date },
): Promise<PackedVerdict[]> {
  const { nodeIds, from, to, knownAt } = args;
  const notBefore = from ? sql`one.observed_at >= ${instant(from)}` : sql`TRUE`;
  return rowsOf<PackedVerdict>(
    conn,
    sql`SELECT n.id AS "nodeId", s.name AS source, v.raw_media_type AS "mediaType",
        ${ms(sql`v.observed_at`)} AS "observedAt", ${ms(sql`v.received_at`)} AS "receivedAt", v.raw
      FROM unnest(${uuids(nodeIds)}) AS n (id)
      CROSS JOIN LATERAL (SELECT * FROM (SELECT * FROM verdict UNION ALL SELECT * FROM verdict_kept) one
        WHERE one.trust_domain_id = ANY(${uuids(scope)}) AND one.node_id = n.id
          AND ${notBefore} AND one.observed_at < ${instant(to)} AND one.received_at <= ${instant(knownAt)}
        ORDER BY one.observed_at DESC, one.event_hash LIMIT 1) v
      JOIN source s ON s.trust_domain_id = v.trust_domain_id AND s.id = v.source_id
      WHERE v.raw IS NOT NULL ORDER BY n.id`,
  );
}

type PeriodEvidence = { nodeIds: readonly string[]; from: Date; to: Date; knownAt: Date };

/** Documents about some nodes that were observed in `[from, to)` and known at `knownAt`, where they are still kept. */
const evidenceOf = (scope: Scope, { nodeIds, from, to, knownAt }: PeriodEvidence): SQL => sql`
  FROM (SELECT * FROM verdict UNION ALL SELECT * FROM verdict_kept) v
  WHERE v.trust_domain_id = ANY(${uuids(scope)}) AND v.node_id = ANY(${uuids(nodeIds)}) AND v.raw IS NOT NULL
    AND v.observed_at >= ${instant(from)} AND v.observed_at < ${instant(to)} AND v.received_at <= ${instant(knownAt)}`;

/** How many there are, and their bytes. */
export async function packEvidenceSize(
  conn: Conn,
  scope: Scope,
  which: PeriodEvidence,
): Promise<{ documents: number; bytes: number }> {
  const [row] = await rowsOf<{ documents: number; bytes: number }>(
    conn,
    sql`SELECT count(*)::float8 AS documents, coalesce(sum(octet_length(v.raw)), 0)::float8 AS bytes ${evidenceOf(scope, which)}`,
  );
  return row ?? { documents: 0, bytes: 0 };
}

/** All of them; see {@link packEvidenceSize} first. */
export function packEvidenceAll(conn: Conn, scope: Scope, which: PeriodEvidence): Promise<PackedVerdict[]> {
  return rowsOf<PackedVerdict>(
    conn,
    sql`SELECT d."nodeId", s.name AS source, d."mediaType", d."observedAt", d."receivedAt", d.raw
      FROM (SELECT v.trust_domain_id, v.source_id, v.node_id AS "nodeId", v.raw_media_type AS "mediaType",
          ${ms(sql`v.observed_at`)} AS "observedAt", ${ms(sql`v.received_at`)} AS "receivedAt", v.raw, v.event_hash
        ${evidenceOf(scope, which)}) d
      JOIN source s ON s.trust_domain_id = d.trust_domain_id AND s.id = d.source_id
      ORDER BY d."nodeId", d."observedAt", d.event_hash`,
  );
}
