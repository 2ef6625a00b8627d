/** Where the lives of nodes stand and their log, as the fold reads and writes them. */
import type { SqlClient, SqlPool } from "#db/transaction";
import type { LifecycleState } from "#lib/domain/lifecycle-table";
import type { LifecycleEntry, LifecycleStanding } from "#lib/domain/lifecycle-walk";
import { insertRows, type RowValue } from "./insert-rows.ts";
import { type FoldFrom, fromArrays } from "./lifecycle-records.ts";

export type DueNode = { trustDomainId: string; nodeId: string };

/** Nodes whose life must be folded again, longest due first. */
export async function lifecycleDue(pool: SqlPool, now: Date, limit: number): Promise<DueNode[]> {
  const { rows } = await pool.query<{ trust_domain_id: string; node_id: string }>(
    `SELECT trust_domain_id, node_id FROM lifecycle_dirty WHERE due_at <= $1
     ORDER BY due_at, node_id LIMIT $2`,
    [now, limit],
  );
  return rows.map((row) => ({ trustDomainId: row.trust_domain_id, nodeId: row.node_id }));
}

/**
 * Nodes that have been in a state for longer than it may last.
 *
 * Those with news to fold are left to it, and domains into which history is being imported are left in peace.
 */
export async function lifecycleOverdue(
  pool: SqlPool,
  state: LifecycleState,
  { before, now, limit }: { before: Date; now: Date; limit: number },
): Promise<DueNode[]> {
  const { rows } = await pool.query<{ trust_domain_id: string; node_id: string }>(
    `SELECT s.trust_domain_id, s.node_id FROM node_state s
     WHERE s.lifecycle_state = $1 AND s.lifecycle_entered_at < $2
       AND NOT EXISTS (SELECT FROM lifecycle_dirty d
         WHERE d.trust_domain_id = s.trust_domain_id AND d.node_id = s.node_id)
       AND NOT EXISTS (SELECT FROM source x
         WHERE x.trust_domain_id = s.trust_domain_id AND x.backfill_until > $3)
     ORDER BY s.lifecycle_entered_at, s.node_id LIMIT $4`,
    [state, before, now, limit],
  );
  return rows.map((row) => ({ trustDomainId: row.trust_domain_id, nodeId: row.node_id }));
}

/** Whether history is being imported into the domain, so that timers are not judged meanwhile. */
export async function isImporting(client: SqlClient, trustDomainId: string, now: Date): Promise<boolean> {
  const { rowCount } = await client.query(
    "SELECT 1 FROM source WHERE trust_domain_id = $1 AND backfill_until > $2 LIMIT 1",
    [trustDomainId, now],
  );
  return (rowCount ?? 0) > 0;
}

export type LifecycleHead = {
  nodeId: string;
  firstSeenMs: number;
  /** `null` = never folded. */
  standing: LifecycleStanding | null;
  /** Recording time of the last revision; 0 = none. */
  recordedMs: number;
  /** The earliest thing that is new; `null` = only time has passed. */
  dirtyMs: number | null;
};

/** Where the lives of some nodes stand. The caller holds their locks. */
export async function lifecycleHeads(
  client: SqlClient,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<LifecycleHead[]> {
  const { rows } = await client.query<{
    node_id: string;
    first_seen_at: Date;
    lifecycle_standing: LifecycleStanding | null;
    lifecycle_recorded_at: Date | null;
    from_at: Date | null;
  }>(
    `SELECT s.node_id, n.first_seen_at, s.lifecycle_standing, s.lifecycle_recorded_at, d.from_at
     FROM node_state s
     JOIN node n ON n.trust_domain_id = s.trust_domain_id AND n.id = s.node_id
     LEFT JOIN lifecycle_dirty d ON d.trust_domain_id = s.trust_domain_id AND d.node_id = s.node_id
     WHERE s.trust_domain_id = $1 AND s.node_id = ANY($2::uuid[]) ORDER BY s.node_id`,
    [trustDomainId, nodeIds],
  );
  return rows.map((row) => ({
    nodeId: row.node_id,
    firstSeenMs: row.first_seen_at.getTime(),
    standing: row.lifecycle_standing,
    recordedMs: row.lifecycle_recorded_at?.getTime() ?? 0,
    dirtyMs: row.from_at?.getTime() ?? null,
  }));
}

/** The standing after the last transition before an instant; absent where there is none. */
export async function standingsBefore(
  client: SqlClient,
  trustDomainId: string,
  nodes: readonly { nodeId: string; beforeMs: number }[],
): Promise<Map<string, LifecycleStanding>> {
  const { rows } = await client.query<{ node_id: string; standing: LifecycleStanding }>(
    `SELECT v.node_id, t.standing
     FROM unnest($2::uuid[], $3::timestamptz[]) AS v(node_id, before)
     JOIN LATERAL (
       SELECT standing FROM node_transition
       WHERE trust_domain_id = $1 AND node_id = v.node_id AND superseded_at IS NULL AND outcome = 'moved'
         AND occurred_at < v.before
       ORDER BY occurred_at DESC, record_order COLLATE "C" DESC LIMIT 1
     ) t ON true`,
    [
      trustDomainId,
      nodes.map(({ nodeId }) => nodeId),
      nodes.map(({ beforeMs }) => new Date(beforeMs).toISOString()),
    ],
  );
  return new Map(rows.map((row) => [row.node_id, row.standing]));
}

/** The standing after the first transition at or after an instant; absent where there is none. */
export async function standingsAfter(
  client: SqlClient,
  trustDomainId: string,
  nodeIds: readonly string[],
  from: Date,
): Promise<Map<string, LifecycleStanding>> {
  if (nodeIds.length === 0) return new Map();
  const { rows } = await client.query<{ node_id: string; standing: LifecycleStanding }>(
    `SELECT DISTINCT ON (node_id) node_id, standing FROM node_transition
     WHERE trust_domain_id = $1 AND node_id = ANY($2::uuid[]) AND superseded_at IS NULL AND outcome = 'moved'
       AND occurred_at >= $3
     ORDER BY node_id, occurred_at, record_order COLLATE "C"`,
    [trustDomainId, nodeIds, from],
  );
  return new Map(rows.map((row) => [row.node_id, row.standing]));
}

/** A believed row of the log, as far as it is compared with what the records amount to. */
export type StoredTransition = {
  nodeId: string;
  occurredAtMs: number;
  order: string;
  /** Everything else that the row says, in one comparable text. */
  content: string;
};

const LOG_COLUMNS = [
  "outcome",
  "from_state",
  "entered_at",
  "to_state",
  "transition_id",
  "rule_id",
  "reason",
  "event_type",
  "cause_kind",
  "cause_id",
  "source_id",
  "actor",
  "policy_version",
  "facts",
  "notes",
  "standing",
] as const;

/** The believed log of some nodes from their instants on, oldest first. */
export async function transitionsSince(
  client: SqlClient,
  trustDomainId: string,
  nodes: readonly FoldFrom[],
): Promise<StoredTransition[]> {
  const { rows } = await client.query<
    Record<(typeof LOG_COLUMNS)[number], unknown> & {
      node_id: string;
      occurred_at: Date;
      record_order: string;
    }
  >(
    `SELECT t.* FROM unnest($2::uuid[], $3::timestamptz[]) AS v(node_id, since)
     JOIN node_transition t ON t.trust_domain_id = $1 AND t.node_id = v.node_id AND t.superseded_at IS NULL
       AND t.occurred_at >= v.since
     ORDER BY t.node_id, t.occurred_at, t.record_order COLLATE "C"`,
    [trustDomainId, ...fromArrays(nodes)],
  );
  return rows.map((row) => ({
    nodeId: row.node_id,
    occurredAtMs: row.occurred_at.getTime(),
    order: row.record_order,
    content: contentOf(LOG_COLUMNS.map((column) => row[column])),
  }));
}

/** What an entry will say once it is stored, to compare it with what is. */
export function transitionContent(entry: LifecycleEntry): string {
  return contentOf(entryValues(entry));
}

/** Objects from JSON columns come back with other key orders: compare them sorted. */
function contentOf(values: readonly unknown[]): string {
  return JSON.stringify(values, (_, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** In the order of {@link LOG_COLUMNS}; objects as they are. */
function entryValues(entry: LifecycleEntry): unknown[] {
  const { record, from, to, enteredAtMs, outcome } = entry;
  const { cause } = record;
  const moved = outcome === "moved";
  return [
    outcome,
    from,
    new Date(enteredAtMs),
    to,
    entry.transitionId,
    moved ? null : entry.ruleId,
    moved ? null : entry.why,
    record.type,
    cause.kind,
    "id" in cause ? cause.id : null,
    "sourceId" in cause ? cause.sourceId : null,
    record.actor,
    record.policyVersion,
    record.facts,
    record.notes,
    moved ? entry.standing : null,
  ];
}

/** Add rows to the log as of their recording time. */
export async function transitionInsert(
  client: SqlClient,
  trustDomainId: string,
  writes: readonly { nodeId: string; recordedMs: number; entry: LifecycleEntry }[],
): Promise<void> {
  const json = new Set<string>(["actor", "facts", "standing"]);
  await insertRows(
    client,
    {
      name: "transition_insert",
      table: "node_transition",
      columns: ["trust_domain_id", "node_id", "occurred_at", "record_order", "recorded_at", ...LOG_COLUMNS],
      suffix: "",
    },
    writes.map(({ nodeId, recordedMs, entry }): RowValue[] => [
      trustDomainId,
      nodeId,
      new Date(entry.position.atMs),
      entry.position.order,
      new Date(recordedMs),
      ...entryValues(entry).map((value, index) =>
        json.has(LOG_COLUMNS[index] ?? "") && value !== null ? JSON.stringify(value) : (value as RowValue),
      ),
    ]),
  );
}

/** Stop believing rows of the log; they stay for whoever asks what was known then. */
export async function transitionSupersede(
  client: SqlClient,
  trustDomainId: string,
  rows: readonly { nodeId: string; occurredAtMs: number; order: string; recordedMs: number }[],
): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `UPDATE node_transition t SET superseded_at = v.at
     FROM unnest($2::uuid[], $3::timestamptz[], $4::text[], $5::timestamptz[]) AS v(node_id, occurred_at, record_order, at)
     WHERE t.trust_domain_id = $1 AND t.node_id = v.node_id AND t.occurred_at = v.occurred_at
       AND t.record_order = v.record_order AND t.superseded_at IS NULL`,
    [
      trustDomainId,
      rows.map(({ nodeId }) => nodeId),
      rows.map(({ occurredAtMs }) => new Date(occurredAtMs).toISOString()),
      rows.map(({ order }) => order),
      rows.map(({ recordedMs }) => new Date(recordedMs).toISOString()),
    ],
  );
}

/** Set where lives stand, and that nothing new is left to fold. */
export async function lifecycleSettle(
  client: SqlClient,
  trustDomainId: string,
  nodes: readonly { nodeId: string; standing: LifecycleStanding; recordedMs: number }[],
): Promise<void> {
  const nodeIds = nodes.map(({ nodeId }) => nodeId);
  await client.query(
    `UPDATE node_state s SET lifecycle_state = v.state, lifecycle_entered_at = v.entered_at,
       lifecycle_at = v.at, lifecycle_standing = v.standing, lifecycle_recorded_at = v.recorded_at
     FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::jsonb[], $7::timestamptz[])
       AS v(node_id, state, entered_at, at, standing, recorded_at)
     WHERE s.trust_domain_id = $1 AND s.node_id = v.node_id`,
    [
      trustDomainId,
      nodeIds,
      nodes.map(({ standing }) => standing.state),
      // A node that has only been seen is in its first state since whenever it was first seen.
      nodes.map(({ standing }) =>
        standing.state === "discovered" ? null : new Date(standing.memory.enteredAtMs).toISOString(),
      ),
      nodes.map(({ standing }) => standing.position && new Date(standing.position.atMs).toISOString()),
      nodes.map(({ standing }) => JSON.stringify(standing)),
      nodes.map(({ recordedMs }) => (recordedMs === 0 ? null : new Date(recordedMs).toISOString())),
    ],
  );
  await client.query("DELETE FROM lifecycle_dirty WHERE trust_domain_id = $1 AND node_id = ANY($2::uuid[])", [
    trustDomainId,
    nodeIds,
  ]);
}

/** A page of all nodes, in the order of their ids. */
export async function lifecycleAll(pool: SqlPool, after: string | null, limit: number): Promise<DueNode[]> {
  const { rows } = await pool.query<{ trust_domain_id: string; id: string }>(
    "SELECT trust_domain_id, id FROM node WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2",
    [after, limit],
  );
  return rows.map((row) => ({ trustDomainId: row.trust_domain_id, nodeId: row.id }));
}
