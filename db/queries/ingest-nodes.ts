/** Who an event is about: looking up, making and locking nodes. Raw SQL: this is the hot path. */
import type { ClientBase } from "pg";
import { insertRows } from "./insert-rows.ts";

export type IdentityRow = { kind: string; value: string; strong: boolean };

/**
 * Nodes behind strong identities.
 *
 * @returns node id by `kind` and `value`, in the order asked; `null` where nobody has it
 */
export async function nodeIdByIdentity(
  client: ClientBase,
  trustDomainId: string,
  identities: readonly { kind: string; value: string }[],
): Promise<(string | null)[]> {
  if (identities.length === 0) return [];
  const { rows } = await client.query<{ node_id: string | null }>({
    name: "node_id_by_identity",
    text: `SELECT i.node_id
      FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS wanted(kind, value, position)
      LEFT JOIN LATERAL (
        SELECT node_id FROM node_identity
        WHERE trust_domain_id = $1 AND kind = wanted.kind AND value = wanted.value AND strong AND valid_to IS NULL
        LIMIT 1
      ) i ON true
      ORDER BY wanted.position`,
    values: [trustDomainId, identities.map(({ kind }) => kind), identities.map(({ value }) => value)],
  });
  return rows.map(({ node_id }) => node_id);
}

export type NewNode = { id: string; displayName: string; firstSeenAt: Date };

/** Add nodes in state `pending`. The caller adds their identities in the same transaction. */
export async function nodeInsert(
  client: ClientBase,
  trustDomainId: string,
  nodes: readonly NewNode[],
  now: Date,
): Promise<void> {
  await insertRows(
    client,
    {
      name: "node_insert",
      table: "node",
      columns: ["trust_domain_id", "id", "display_name", "first_seen_at", "created_at"],
      suffix: "",
    },
    nodes.map(({ id, displayName, firstSeenAt }) => [trustDomainId, id, displayName, firstSeenAt, now]),
  );
  await insertRows(
    client,
    {
      name: "node_state_insert",
      table: "node_state",
      columns: ["trust_domain_id", "node_id", "status", "since", "reason", "changed_at"],
      suffix: "",
    },
    nodes.map(({ id, firstSeenAt }) => [
      trustDomainId,
      id,
      "pending",
      firstSeenAt,
      "No verdict yet",
      new Date(0),
    ]),
  );
}

/**
 * Add identities to nodes.
 *
 * @returns false when another transaction took a strong one meanwhile: resolve again
 */
export async function nodeIdentityInsert(
  client: ClientBase,
  trustDomainId: string,
  identities: readonly (IdentityRow & { nodeId: string })[],
  now: Date,
): Promise<boolean> {
  const inserted = await insertRows<{ strong: boolean }>(
    client,
    {
      name: "node_identity_insert",
      table: "node_identity",
      columns: ["trust_domain_id", "node_id", "kind", "value", "strong", "valid_from"],
      suffix: "ON CONFLICT DO NOTHING RETURNING strong",
    },
    identities.map(({ nodeId, kind, value, strong }) => [trustDomainId, nodeId, kind, value, strong, now]),
  );
  const wanted = identities.filter(({ strong }) => strong).length;
  return inserted.filter(({ strong }) => strong).length === wanted;
}

/** Weak identities that the nodes already have, as `nodeId kind value` strings. */
export async function weakIdentityKeys(
  client: ClientBase,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<Set<string>> {
  const { rows } = await client.query<{ node_id: string; kind: string; value: string }>(
    `SELECT node_id, kind, value FROM node_identity
     WHERE trust_domain_id = $1 AND node_id = ANY($2::uuid[]) AND NOT strong AND valid_to IS NULL`,
    [trustDomainId, nodeIds],
  );
  return new Set(rows.map(({ node_id, kind, value }) => `${node_id} ${kind} ${value}`));
}

export type LockedNode = {
  nodeId: string;
  firstSeenMs: number;
  changedMs: number;
  /** The last record that its life was folded over; `null` = never folded. */
  lifecycleAtMs: number | null;
  /** Any verdict may move its life, also one that repeats the statement before it. */
  waitsForVerdicts: boolean;
};

/**
 * Lock nodes until the transaction ends, in the order of their ids so that two batches cannot
 * deadlock. Everything that is derived for a node is decided under this lock.
 */
export async function nodeLock(
  client: ClientBase,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<Map<string, LockedNode>> {
  const { rows } = await client.query<{
    node_id: string;
    changed_at: Date;
    first_seen_at: Date;
    lifecycle_at: Date | null;
    waits: boolean;
  }>({
    name: "node_lock",
    text: `SELECT s.node_id, s.changed_at, n.first_seen_at, s.lifecycle_at,
        s.lifecycle_state = 'attesting' OR (s.lifecycle_state = 'suspect' AND s.status = 'trusted') AS waits
      FROM node_state s
      JOIN node n ON n.trust_domain_id = s.trust_domain_id AND n.id = s.node_id
      WHERE s.trust_domain_id = $1 AND s.node_id = ANY($2::uuid[])
      ORDER BY s.node_id
      FOR UPDATE OF s`,
    values: [trustDomainId, nodeIds],
  });
  return new Map(
    rows.map((row) => [
      row.node_id,
      {
        nodeId: row.node_id,
        firstSeenMs: row.first_seen_at.getTime(),
        changedMs: row.changed_at.getTime(),
        lifecycleAtMs: row.lifecycle_at?.getTime() ?? null,
        waitsForVerdicts: row.waits,
      },
    ]),
  );
}

/** Move the first sighting of nodes back in time. */
export async function nodeSetFirstSeen(
  client: ClientBase,
  trustDomainId: string,
  nodes: readonly { nodeId: string; firstSeenAt: Date }[],
): Promise<void> {
  if (nodes.length === 0) return;
  await client.query(
    `UPDATE node SET first_seen_at = v.at
     FROM unnest($2::uuid[], $3::timestamptz[]) AS v(id, at)
     WHERE trust_domain_id = $1 AND node.id = v.id`,
    [trustDomainId, nodes.map(({ nodeId }) => nodeId), nodes.map(({ firstSeenAt }) => firstSeenAt)],
  );
}

/** Set what is believed about nodes now. `changedAt` is the node's own transaction clock. */
export async function nodeStateUpdate(
  client: ClientBase,
  trustDomainId: string,
  nodes: readonly { nodeId: string; status: string; since: Date; reason: string; changedAt: Date }[],
): Promise<void> {
  if (nodes.length === 0) return;
  await client.query({
    name: "node_state_update",
    text: `UPDATE node_state SET status = v.status, since = v.since, reason = v.reason, changed_at = v.changed_at
      FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::timestamptz[])
        AS v(node_id, status, since, reason, changed_at)
      WHERE node_state.trust_domain_id = $1 AND node_state.node_id = v.node_id`,
    values: [
      trustDomainId,
      nodes.map(({ nodeId }) => nodeId),
      nodes.map(({ status }) => status),
      nodes.map(({ since }) => since),
      nodes.map(({ reason }) => reason),
      nodes.map(({ changedAt }) => changedAt),
    ],
  });
}
