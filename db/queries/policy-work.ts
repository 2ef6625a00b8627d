/** The work that policies make: lines to decide again, nodes to compare, states to replay. Raw SQL. */
import type { ClientBase } from "pg";
import type { Tier } from "#lib/domain/ar4si";
import type { LaneState } from "#lib/domain/trust-status";
import type { Outcome } from "#lib/domain/verdict";
import { plainArray } from "./array-literal.ts";
import { FUSED_SOURCE_ID } from "./ingest-history.ts";

export type DecideAgain = { trustDomainId: string; id: string; recordedAt: Date; lastNodeId: string | null };

/** Ask for all lines of a trust domain to be decided again. Locks nothing that ingest waits for. */
export async function decideAgainInsert(
  client: ClientBase,
  work: { trustDomainId: string; id: string; cause: string; recordedAt: Date },
): Promise<void> {
  await client.query(
    `INSERT INTO policy_rederivation (trust_domain_id, id, cause, recorded_at, nodes_total, nodes_done)
     SELECT $1::uuid, $2, $3, $4, count(*), 0 FROM node WHERE trust_domain_id = $1`,
    [work.trustDomainId, work.id, work.cause, work.recordedAt],
  );
}

/** Take the oldest work that nobody else has. The lock is held until the transaction ends. */
export async function decideAgainTake(client: ClientBase): Promise<DecideAgain | null> {
  const { rows } = await client.query<DecideAgain>(
    `SELECT trust_domain_id AS "trustDomainId", id, recorded_at AS "recordedAt", last_node_id AS "lastNodeId"
     FROM policy_rederivation WHERE finished_at IS NULL
     ORDER BY recorded_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`,
  );
  return rows[0] ?? null;
}

/** @param lastNodeId the last node that is done now; `null` = all are */
export async function decideAgainAdvance(
  client: ClientBase,
  { trustDomainId, id }: Pick<DecideAgain, "trustDomainId" | "id">,
  progress: { nodes: number; lastNodeId: string | null; now: Date },
): Promise<void> {
  await client.query(
    `UPDATE policy_rederivation SET nodes_done = nodes_done + $3, last_node_id = coalesce($4, last_node_id),
       finished_at = CASE WHEN $4::uuid IS NULL THEN $5::timestamptz END
     WHERE trust_domain_id = $1 AND id = $2`,
    [trustDomainId, id, progress.nodes, progress.lastNodeId, progress.now],
  );
}

/** Ids of nodes after one, in order; `null` = from the first. */
export async function nodesAfter(
  client: ClientBase,
  trustDomainId: string,
  afterId: string | null,
  limit: number,
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>({
    name: "nodes_after",
    text: `SELECT id FROM node WHERE trust_domain_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3`,
    values: [trustDomainId, afterId, limit],
  });
  return rows.map(({ id }) => id);
}

export async function nodeCount(client: ClientBase, trustDomainId: string): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM node WHERE trust_domain_id = $1",
    [trustDomainId],
  );
  return rows[0]?.n ?? 0;
}

/** Exceptions that are over and whose end no line follows yet; marked as followed. */
export async function exceptionsSettle(
  client: ClientBase,
  now: Date,
): Promise<{ trustDomainId: string; id: string }[]> {
  const { rows } = await client.query<{ trustDomainId: string; id: string }>(
    `UPDATE policy_exception SET settled_at = $1 WHERE settled_at IS NULL AND valid_to <= $1
     RETURNING trust_domain_id AS "trustDomainId", id`,
    [now],
  );
  return rows;
}

/** What a lane says now. */
export type OpenLane = {
  nodeId: string;
  sourceId: string;
  submod: string;
  state: LaneState;
  reason: string;
  afterFailure: boolean;
  tier: Tier;
  outcome: Outcome;
  gap: boolean;
};

export async function openLanes(
  client: ClientBase,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<OpenLane[]> {
  const { rows } = await client.query<OpenLane>({
    name: "open_lanes",
    text: `SELECT node_id AS "nodeId", source_id AS "sourceId", submod, state, reason,
        after_failure AS "afterFailure", statement ->> 'tier' AS tier, statement ->> 'outcome' AS outcome,
        opening_hash IS NULL AS gap
      FROM lane WHERE trust_domain_id = $1 AND node_id = ANY($2::uuid[])
      ORDER BY node_id, source_id, submod`,
    values: [trustDomainId, plainArray(nodeIds)],
  });
  return rows;
}

/** One stored state of a lane; `[nodeId, sourceId, submod, fromMs, toMs, state, reason, afterFailure, tier, outcome, gap]`. */
export type StoredState = [
  string,
  string,
  string,
  number,
  number | null,
  LaneState,
  string,
  boolean,
  Tier,
  Outcome,
  boolean,
];

/** What is believed about the lanes of some nodes from an instant on, oldest first within each lane. */
export async function storedStates(
  client: ClientBase,
  trustDomainId: string,
  nodeIds: readonly string[],
  from: Date,
): Promise<StoredState[]> {
  const { rows } = await client.query<StoredState>({
    name: "stored_states",
    rowMode: "array",
    text: `SELECT node_id, source_id, submod, (extract(epoch FROM valid_from) * 1000)::float8,
        (extract(epoch FROM valid_to) * 1000)::float8, state, reason, after_failure, tier, outcome,
        event_hash IS NULL
      FROM trust_interval
      WHERE trust_domain_id = $1 AND node_id = ANY($2::uuid[]) AND recorded_to IS NULL
        AND source_id <> '${FUSED_SOURCE_ID}' AND (valid_to IS NULL OR valid_to > $3)
      ORDER BY node_id, source_id, submod, valid_from`,
    values: [trustDomainId, plainArray(nodeIds), from],
  });
  return rows;
}

export type ShadowDifference = {
  nodeId: string;
  state: string;
  shadowState: string;
  shadowReason: string;
  ruleId: string;
};

/** Replace what is said about some nodes of a shadow activation; `since` of what stays the same is kept. */
export async function shadowReplace(
  client: ClientBase,
  { trustDomainId, activationId }: { trustDomainId: string; activationId: string },
  nodeIds: readonly string[],
  differences: readonly ShadowDifference[],
  now: Date,
): Promise<void> {
  await client.query(
    `DELETE FROM policy_shadow WHERE trust_domain_id = $1 AND activation_id = $2
       AND node_id = ANY($3::uuid[]) AND NOT (node_id = ANY($4::uuid[]))`,
    [trustDomainId, activationId, nodeIds, differences.map(({ nodeId }) => nodeId)],
  );
  if (differences.length === 0) return;
  await client.query(
    `INSERT INTO policy_shadow AS s
       (trust_domain_id, activation_id, node_id, state, shadow_state, shadow_reason, rule_id, since)
     SELECT $1, $2, v.node_id, v.state, v.shadow_state, v.shadow_reason, v.rule_id, $8
     FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
       AS v(node_id, state, shadow_state, shadow_reason, rule_id)
     ON CONFLICT (trust_domain_id, activation_id, node_id) DO UPDATE SET state = EXCLUDED.state,
       shadow_state = EXCLUDED.shadow_state, shadow_reason = EXCLUDED.shadow_reason, rule_id = EXCLUDED.rule_id,
       since = CASE WHEN s.state = EXCLUDED.state AND s.shadow_state = EXCLUDED.shadow_state
         THEN s.since ELSE EXCLUDED.since END`,
    [
      trustDomainId,
      activationId,
      differences.map(({ nodeId }) => nodeId),
      differences.map(({ state }) => state),
      differences.map(({ shadowState }) => shadowState),
      differences.map(({ shadowReason }) => shadowReason),
      differences.map(({ ruleId }) => ruleId),
      now,
    ],
  );
}

/** Note that all nodes were compared; and forget what was found by activations that are over. */
export async function shadowCompared(
  client: ClientBase,
  { trustDomainId, activationId }: { trustDomainId: string; activationId: string },
  nodes: number,
  now: Date,
): Promise<void> {
  await client.query(
    `UPDATE policy_activation SET compared_at = $3, compared_nodes = $4 WHERE trust_domain_id = $1 AND id = $2`,
    [trustDomainId, activationId, now, nodes],
  );
  await client.query(
    `DELETE FROM policy_shadow s USING policy_activation a
     WHERE s.trust_domain_id = $1 AND a.trust_domain_id = s.trust_domain_id AND a.id = s.activation_id
       AND a.valid_to <= $2`,
    [trustDomainId, now],
  );
}

/** Trust domains with something in shadow. */
export async function domainsInShadow(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT DISTINCT trust_domain_id AS id FROM policy_activation WHERE stage = 'shadow' AND valid_to IS NULL`,
  );
  return rows.map(({ id }) => id);
}
