/** Who an event is about: looking up, making and locking nodes. Raw SQL: this is the hot path. */
import type { ClientBase } from "pg";
import { plainArray, textArray } from "./array-literal.ts";
import { insertRows } from "./insert-rows.ts";

export type IdentityRow = {
  kind: string;
  value: string;
  strong: boolean;
  role: string;
  /** Event time, for identities of one provisioning. */
  firstSeenAt: Date | null;
};

/** Who has a strong identity. Times are event times. */
export type IdentityHolder = { nodeId: string; firstSeenMs: number | null; supersededMs: number | null };

/**
 * Holders of strong identities.
 *
 * @returns by `kind` and `value`, in the order asked; `null` where nobody has it
 */
export async function identityHolders(
  client: ClientBase,
  trustDomainId: string,
  identities: readonly { kind: string; value: string }[],
): Promise<(IdentityHolder | null)[]> {
  if (identities.length === 0) return [];
  const { rows } = await client.query<[number, string, number | null, number | null]>({
    name: "identity_holders",
    rowMode: "array",
    text: `SELECT wanted.position::int, i.node_id, (extract(epoch FROM i.first_seen_at) * 1000)::float8,
        (extract(epoch FROM i.superseded_at) * 1000)::float8
      FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS wanted(kind, value, position)
      JOIN LATERAL (
        SELECT node_id, first_seen_at, superseded_at FROM node_identity
        WHERE trust_domain_id = $1 AND kind = wanted.kind AND value = wanted.value AND strong AND valid_to IS NULL
        LIMIT 1
      ) i ON true`,
    values: [
      trustDomainId,
      textArray(identities.map(({ kind }) => kind)),
      textArray(identities.map(({ value }) => value)),
    ],
  });
  const holders = new Map(
    rows.map(([position, nodeId, firstSeenMs, supersededMs]) => [
      position,
      { nodeId, firstSeenMs, supersededMs },
    ]),
  );
  return identities.map((_, index) => holders.get(index + 1) ?? null);
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
 * @returns false when another transaction took a strong one meanwhile, or gave the node another anchor
 *   of the same kind: resolve again
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
      columns: [
        "trust_domain_id",
        "node_id",
        "kind",
        "value",
        "strong",
        "valid_from",
        "role",
        "first_seen_at",
      ],
      suffix: "ON CONFLICT DO NOTHING RETURNING strong",
    },
    identities.map(({ nodeId, kind, value, strong, role, firstSeenAt }) => [
      trustDomainId,
      nodeId,
      kind,
      value,
      strong,
      now,
      role,
      firstSeenAt,
    ]),
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
  /** Its enrolment was or is for a person to decide. */
  asked: boolean;
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
  const { rows } = await client.query<[string, number, number, boolean, number | null, boolean]>({
    name: "node_lock",
    rowMode: "array",
    text: `SELECT s.node_id, (extract(epoch FROM s.changed_at) * 1000)::float8,
        (extract(epoch FROM n.first_seen_at) * 1000)::float8, e.node_id IS NOT NULL,
        (extract(epoch FROM s.lifecycle_at) * 1000)::float8,
        s.lifecycle_state = 'attesting' OR (s.lifecycle_state = 'suspect' AND s.status = 'trusted')
      FROM node_state s
      JOIN node n ON n.trust_domain_id = s.trust_domain_id AND n.id = s.node_id
      LEFT JOIN enrolment e ON e.trust_domain_id = s.trust_domain_id AND e.node_id = s.node_id
      WHERE s.trust_domain_id = $1 AND s.node_id = ANY($2::uuid[])
      ORDER BY s.node_id
      FOR UPDATE OF s`,
    values: [trustDomainId, plainArray(nodeIds)],
  });
  return new Map(
    rows.map(([nodeId, changedMs, firstSeenMs, asked, lifecycleAtMs, waitsForVerdicts]) => [
      nodeId,
      { nodeId, firstSeenMs, changedMs, asked, lifecycleAtMs, waitsForVerdicts },
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
