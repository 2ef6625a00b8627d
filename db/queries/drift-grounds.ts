/** What the drift of nodes is folded from. Raw SQL: read under the nodes' locks. */
import type { SqlClient, SqlPool } from "#db/transaction";
import { BUILT_IN, type DriftSettings, type DriftSettingsVersion } from "#lib/domain/drift-settings";
import type { Layer } from "#lib/domain/layers";
import type { LaneMoment } from "#lib/domain/measured-course";
import type { Measurements } from "#lib/domain/verdict";
import { plainArray } from "./array-literal.ts";
import { FUSED_SOURCE_ID, type LaneKey } from "./ingest-history.ts";

/** Nodes to be assessed by now, longest due first. */
export async function driftDue(
  pool: SqlPool,
  now: Date,
  limit: number,
): Promise<{ trustDomainId: string; nodeId: string }[]> {
  const { rows } = await pool.query<{ trust_domain_id: string; node_id: string }>(
    `SELECT trust_domain_id, node_id FROM drift_dirty WHERE due_at <= $1
     ORDER BY due_at, node_id LIMIT $2`,
    [now, limit],
  );
  return rows.map((row) => ({ trustDomainId: row.trust_domain_id, nodeId: row.node_id }));
}

export type DirtyNode = { nodeId: string; fromMs: number; marks: string };

/** The marks of some nodes that are due. */
export async function driftDirty(
  client: SqlClient,
  trustDomainId: string,
  nodeIds: readonly string[],
  now: Date,
): Promise<DirtyNode[]> {
  const { rows } = await client.query<{ node_id: string; from_at: Date; marks: string }>(
    `SELECT node_id, from_at, marks FROM drift_dirty
     WHERE trust_domain_id = $1 AND node_id = ANY($2::uuid[]) AND due_at <= $3 ORDER BY node_id`,
    [trustDomainId, nodeIds, now],
  );
  return rows.map((row) => ({ nodeId: row.node_id, fromMs: row.from_at.getTime(), marks: row.marks }));
}

/**
 * Settle marks: nodes that change again by themselves wait for that, the others are done. A mark that was
 * made meanwhile stays.
 */
export async function driftSettle(
  client: SqlClient,
  trustDomainId: string,
  nodes: readonly { nodeId: string; marks: string; nextMs: number | null }[],
): Promise<void> {
  const values = [
    trustDomainId,
    plainArray(nodes.map(({ nodeId }) => nodeId)),
    plainArray(nodes.map(({ marks }) => marks)),
    plainArray(nodes.map(({ nextMs }) => (nextMs === null ? null : new Date(nextMs).toISOString()))),
  ];
  await client.query(
    `UPDATE drift_dirty d SET from_at = v.next_at, due_at = v.next_at
     FROM unnest($2::uuid[], $3::bigint[], $4::timestamptz[]) AS v(node_id, marks, next_at)
     WHERE d.trust_domain_id = $1 AND d.node_id = v.node_id AND d.marks = v.marks AND v.next_at IS NOT NULL`,
    values,
  );
  await client.query(
    `DELETE FROM drift_dirty d USING unnest($2::uuid[], $3::bigint[], $4::timestamptz[]) AS v(node_id, marks, next_at)
     WHERE d.trust_domain_id = $1 AND d.node_id = v.node_id AND d.marks = v.marks AND v.next_at IS NULL`,
    values,
  );
}

/**
 * What the lanes of nodes stated from an instant on, each node's own; and before it the last statement of
 * each lane that measured something. In order of time.
 */
export async function laneMoments(
  client: SqlClient,
  trustDomainId: string,
  nodes: readonly { nodeId: string; fromMs: number }[],
): Promise<(LaneKey & LaneMoment)[]> {
  const { rows } = await client.query<{
    node_id: string;
    source_id: string;
    submod: string;
    valid_from: Date;
    valid_to: Date | null;
    gap: boolean;
    digest: string | null;
  }>(
    `SELECT i.node_id, i.source_id, i.submod, i.valid_from, i.valid_to, i.event_hash IS NULL AS gap,
       encode(i.measurement_digest, 'hex') AS digest
     FROM unnest($2::uuid[], $3::timestamptz[]) AS v(node_id, from_at)
     JOIN trust_interval i ON i.trust_domain_id = $1 AND i.node_id = v.node_id AND i.recorded_to IS NULL
       AND i.source_id <> '${FUSED_SOURCE_ID}'
     WHERE i.valid_to IS NULL OR i.valid_to > v.from_at OR (
       i.event_hash IS NOT NULL AND i.measurement_digest IS NOT NULL AND NOT EXISTS (
         SELECT FROM trust_interval later WHERE later.trust_domain_id = $1 AND later.node_id = i.node_id
           AND later.source_id = i.source_id AND later.submod = i.submod AND later.recorded_to IS NULL
           AND later.event_hash IS NOT NULL AND later.measurement_digest IS NOT NULL
           AND later.valid_from > i.valid_from AND later.valid_to <= v.from_at))
     ORDER BY i.node_id, i.source_id, i.submod, i.valid_from`,
    [
      trustDomainId,
      plainArray(nodes.map(({ nodeId }) => nodeId)),
      plainArray(nodes.map(({ fromMs }) => new Date(fromMs).toISOString())),
    ],
  );
  return rows.map((row) => ({
    nodeId: row.node_id,
    sourceId: row.source_id,
    submod: row.submod,
    fromMs: row.valid_from.getTime(),
    toMs: row.valid_to?.getTime() ?? null,
    isGap: row.gap,
    digest: row.digest,
  }));
}

/** Measurement sets by their digests in hex. */
export async function measurementSets(
  client: SqlClient,
  trustDomainId: string,
  digests: readonly string[],
): Promise<Map<string, Measurements>> {
  if (digests.length === 0) return new Map();
  const { rows } = await client.query<{ digest: string; items: Measurements }>(
    `SELECT encode(digest, 'hex') AS digest, items FROM measurement_set
     WHERE trust_domain_id = $1 AND digest IN (SELECT decode(d, 'hex') FROM unnest($2::text[]) AS d)`,
    [trustDomainId, digests],
  );
  return new Map(rows.map(({ digest, items }) => [digest, items]));
}

export type DriftExceptionRow = {
  id: string;
  pattern: string;
  baselineId: string | null;
  selector: string;
  fromMs: number;
  toMs: number;
};
export type DriftWindowRow = {
  id: string;
  layers: Layer[];
  selector: string;
  fromMs: number;
  toMs: number;
};

/** All that people allowed in a domain, in a fixed order. Ended before it expired = over then. */
export async function driftAllowances(
  client: SqlClient,
  trustDomainId: string,
): Promise<{ exceptions: DriftExceptionRow[]; windows: DriftWindowRow[] }> {
  const { rows: exceptions } = await client.query<
    Omit<DriftExceptionRow, "fromMs" | "toMs"> & { from_at: Date; to_at: Date }
  >(
    `SELECT id, pattern, baseline_id AS "baselineId", selector, valid_from AS from_at,
       least(expires_at, ended_at) AS to_at
     FROM drift_exception WHERE trust_domain_id = $1 ORDER BY id`,
    [trustDomainId],
  );
  const { rows: windows } = await client.query<
    Omit<DriftWindowRow, "fromMs" | "toMs"> & { from_at: Date; to_at: Date }
  >(
    `SELECT id, layers, selector, from_at, least(to_at, ended_at) AS to_at
     FROM maintenance_window WHERE trust_domain_id = $1 ORDER BY id`,
    [trustDomainId],
  );
  const spanned = <R extends { from_at: Date; to_at: Date }>({ from_at, to_at, ...row }: R) => ({
    ...row,
    fromMs: from_at.getTime(),
    toMs: to_at.getTime(),
  });
  const lasting = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => toMs > fromMs;
  return {
    exceptions: exceptions.map(spanned).filter(lasting),
    windows: windows.map(spanned).filter(lasting),
  };
}

/** All settings that ever held, the built-in ones first. */
export async function driftSettings(
  client: SqlClient,
  trustDomainId: string,
): Promise<DriftSettingsVersion[]> {
  const { rows } = await client.query<{ version: number; content: DriftSettings; valid_from: Date }>(
    "SELECT version, content, valid_from FROM drift_setting WHERE trust_domain_id = $1 ORDER BY valid_from, version",
    [trustDomainId],
  );
  return [
    BUILT_IN,
    ...rows.map(({ version, content, valid_from }) => ({
      version,
      settings: content,
      fromMs: valid_from.getTime(),
    })),
  ];
}
