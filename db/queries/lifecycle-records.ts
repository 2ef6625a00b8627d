/** What the lives of nodes are folded from. Raw SQL: whole batches of nodes at once. */
import type { SqlClient } from "#db/transaction";
import type { BootstrapEventType } from "#lib/domain/bootstrap-event";
import type { LifecycleFacts } from "#lib/domain/lifecycle-guards";
import type { LifecycleEventType } from "#lib/domain/lifecycle-table";
import { VERDICT_PAGE, type VerdictRequest } from "#lib/domain/lifecycle-walk";
import type { LaneState } from "#lib/domain/trust-status";
import type { Verdict } from "#lib/domain/verdict";
import { FUSED_SOURCE_ID } from "./ingest-history.ts";

/** A node and the instant from which on its records are wanted. */
export type FoldFrom = { nodeId: string; fromMs: number };

/** Both columns of an `unnest`. */
export const fromArrays = (nodes: readonly FoldFrom[]) => [
  nodes.map(({ nodeId }) => nodeId),
  nodes.map(({ fromMs }) => new Date(fromMs).toISOString()),
];

export type FoldEvent = {
  nodeId: string;
  id: string;
  sourceId: string;
  externalId: string;
  type: BootstrapEventType;
  occurredAtMs: number;
  actor: { kind: string; id: string | null };
  introducesNodes: boolean;
};

/**
 * Bootstrap events of sources that are authoritative for their phase. What a person linked to a node is shown
 * with it and moves nothing: a person's word is no evidence.
 */
export async function foldEvents(
  client: SqlClient,
  trustDomainId: string,
  nodes: readonly FoldFrom[],
): Promise<FoldEvent[]> {
  const { rows } = await client.query<{
    node_id: string;
    id: string;
    source_id: string;
    external_id: string;
    type: BootstrapEventType;
    occurred_at: Date;
    actor: { kind: string; id: string | null };
    introduces_nodes: boolean;
  }>(
    `SELECT e.node_id, e.id, e.source_id, e.external_id, e.type, e.occurred_at, e.actor, s.introduces_nodes
     FROM unnest($2::uuid[], $3::timestamptz[]) AS v(node_id, since)
     JOIN bootstrap_event e ON e.trust_domain_id = $1 AND e.node_id = v.node_id AND e.occurred_at >= v.since
       AND e.link_id IS NULL
     JOIN source s ON s.trust_domain_id = $1 AND s.id = e.source_id AND e.phase = ANY(s.authoritative_for)`,
    [trustDomainId, ...fromArrays(nodes)],
  );
  return rows.map((row) => ({
    nodeId: row.node_id,
    id: row.id,
    sourceId: row.source_id,
    externalId: row.external_id,
    type: row.type,
    occurredAtMs: row.occurred_at.getTime(),
    actor: { kind: row.actor.kind, id: row.actor.id },
    introducesNodes: row.introduces_nodes,
  }));
}

export type FoldTrigger = {
  nodeId: string;
  id: string;
  type: LifecycleEventType;
  occurredAtMs: number;
  actor: { kind: string; id: string | null };
  facts: Partial<LifecycleFacts>;
  policyVersion: string;
};

/** What people and executors did to the lives of some nodes. */
export async function foldTriggers(
  client: SqlClient,
  trustDomainId: string,
  nodes: readonly FoldFrom[],
): Promise<FoldTrigger[]> {
  const { rows } = await client.query<{
    node_id: string;
    id: string;
    type: LifecycleEventType;
    occurred_at: Date;
    actor: { kind: string; id: string | null };
    facts: Partial<LifecycleFacts>;
    policy_version: string;
  }>(
    `SELECT t.node_id, t.id, t.type, t.occurred_at, t.actor, t.facts, t.policy_version
     FROM unnest($2::uuid[], $3::timestamptz[]) AS v(node_id, since)
     JOIN lifecycle_trigger t ON t.trust_domain_id = $1 AND t.node_id = v.node_id AND t.occurred_at >= v.since`,
    [trustDomainId, ...fromArrays(nodes)],
  );
  return rows.map((row) => ({
    nodeId: row.node_id,
    id: row.id,
    type: row.type,
    occurredAtMs: row.occurred_at.getTime(),
    actor: row.actor,
    facts: row.facts,
    policyVersion: row.policy_version,
  }));
}

/** The nodes' own lines from an instant on, as changes of state, oldest first. */
export async function foldLines(
  client: SqlClient,
  trustDomainId: string,
  nodes: readonly FoldFrom[],
): Promise<{ nodeId: string; fromMs: number; state: LaneState }[]> {
  const { rows } = await client.query<{ node_id: string; valid_from: Date; state: LaneState }>(
    `SELECT node_id, valid_from, state FROM (
       SELECT i.node_id, i.valid_from, i.state, v.since,
         lag(i.state) OVER (PARTITION BY i.node_id ORDER BY i.valid_from) AS state_before
       FROM unnest($2::uuid[], $3::timestamptz[]) AS v(node_id, since)
       JOIN trust_interval i ON i.trust_domain_id = $1 AND i.node_id = v.node_id AND i.recorded_to IS NULL
         AND i.source_id = '${FUSED_SOURCE_ID}' AND (i.valid_to IS NULL OR i.valid_to >= v.since)
     ) line WHERE state IS DISTINCT FROM state_before AND valid_from >= since
     ORDER BY node_id, valid_from`,
    [trustDomainId, ...fromArrays(nodes)],
  );
  return rows.map((row) => ({ nodeId: row.node_id, fromMs: row.valid_from.getTime(), state: row.state }));
}

export type FoldVerdictRow = {
  hash: string;
  sourceId: string;
  observedAtMs: number;
  freshness: Verdict["freshness"];
  fused: LaneState;
};

/** One page of verdicts that count about a waiting node, each with what its own line says at that instant. */
export async function foldVerdicts(
  client: SqlClient,
  trustDomainId: string,
  nodeId: string,
  { passesOnly, after, untilMs }: VerdictRequest,
): Promise<FoldVerdictRow[]> {
  const { rows } = await client.query<{
    event_hash: Buffer;
    source_id: string;
    observed_at: Date;
    freshness: Verdict["freshness"];
    state: LaneState;
  }>({
    name: "lifecycle_fold_verdicts",
    text: `SELECT v.event_hash, v.source_id, v.observed_at, v.freshness, i.state
      FROM verdict v
      JOIN trust_interval i ON i.trust_domain_id = v.trust_domain_id AND i.node_id = v.node_id
        AND i.source_id = '${FUSED_SOURCE_ID}' AND i.recorded_to IS NULL
        AND i.valid_from <= v.observed_at AND (i.valid_to IS NULL OR i.valid_to > v.observed_at)
      WHERE v.trust_domain_id = $1 AND v.node_id = $2
        AND v.observed_at >= $3 AND (v.observed_at, v.event_hash) > ($3, $4)
        AND ($5::timestamptz IS NULL OR v.observed_at <= $5)
        AND NOT EXISTS (SELECT FROM source_key k
          WHERE k.trust_domain_id = v.trust_domain_id AND k.source_id = v.source_id AND k.kid = v.kid
            AND (v.observed_at >= k.distrusted_since OR v.received_at >= k.distrusted_since))
        AND (i.state = 'trusted' AND v.state = 'trusted' OR NOT $6 AND i.state IN ('degraded', 'failed'))
      ORDER BY v.observed_at, v.event_hash LIMIT ${VERDICT_PAGE}`,
    values: [
      trustDomainId,
      nodeId,
      new Date(after.atMs).toISOString(),
      Buffer.from(after.hash, "hex"),
      untilMs === null ? null : new Date(untilMs).toISOString(),
      passesOnly,
    ],
  });
  return rows.map((row) => ({
    hash: row.event_hash.toString("hex"),
    sourceId: row.source_id,
    observedAtMs: row.observed_at.getTime(),
    freshness: row.freshness,
    fused: row.state,
  }));
}
