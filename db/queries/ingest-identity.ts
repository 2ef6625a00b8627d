/** Who an event is about, where it says something new: anchors, provisionings, alarms, decisions. Raw SQL. */
import type { ClientBase } from "pg";
import { insertRows } from "./insert-rows.ts";

export type AnchorRow = { nodeId: string; kind: string; value: string };

/** Anchors of nodes; at most one of each kind. */
export async function nodeAnchors(
  client: ClientBase,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<AnchorRow[]> {
  if (nodeIds.length === 0) return [];
  const { rows } = await client.query<AnchorRow>(
    `SELECT node_id AS "nodeId", kind, value FROM node_identity
     WHERE trust_domain_id = $1 AND node_id = ANY($2::uuid[]) AND role = 'anchor' AND valid_to IS NULL`,
    [trustDomainId, nodeIds],
  );
  return rows;
}

export type SightingRow = { nodeId: string; kind: string; value: string; firstSeenAt: Date };

/** Move first sightings of identities back in time. */
export async function identitySetFirstSeen(
  client: ClientBase,
  trustDomainId: string,
  sightings: readonly SightingRow[],
): Promise<void> {
  if (sightings.length === 0) return;
  await client.query(
    `UPDATE node_identity i SET first_seen_at = least(i.first_seen_at, v.at)
     FROM unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[]) AS v(node_id, kind, value, at)
     WHERE i.trust_domain_id = $1 AND i.node_id = v.node_id AND i.kind = v.kind AND i.value = v.value
       AND i.valid_to IS NULL`,
    [
      trustDomainId,
      sightings.map(({ nodeId }) => nodeId),
      sightings.map(({ kind }) => kind),
      sightings.map(({ value }) => value),
      sightings.map(({ firstSeenAt }) => firstSeenAt),
    ],
  );
}

/** Identities of provisionings that nodes have or had. */
export async function provisioningIds(
  client: ClientBase,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<SightingRow[]> {
  const { rows } = await client.query<SightingRow>(
    `SELECT node_id AS "nodeId", kind, value, min(first_seen_at) AS "firstSeenAt" FROM node_identity
     WHERE trust_domain_id = $1 AND node_id = ANY($2::uuid[]) AND first_seen_at IS NOT NULL
     GROUP BY node_id, kind, value`,
    [trustDomainId, nodeIds],
  );
  return rows;
}

export type IncarnationWrite = {
  nodeId: string;
  id: string;
  openedAt: Date;
  closedAt: Date | null;
  why: string;
  openedByKind: string;
  openedByValue: string;
};
export type MemberWrite = {
  nodeId: string;
  kind: string;
  value: string;
  openedByKind: string;
  openedByValue: string;
  supersededAt: Date | null;
};

/**
 * Write the provisionings of nodes as they were folded. One that is opened by the same identity as before
 * keeps its id; what the fold no longer has goes.
 */
export async function incarnationsReplace(
  client: ClientBase,
  trustDomainId: string,
  nodeIds: readonly string[],
  incarnations: readonly IncarnationWrite[],
  members: readonly MemberWrite[],
): Promise<void> {
  await insertRows(
    client,
    {
      name: "incarnation_upsert",
      table: "incarnation",
      columns: [
        "trust_domain_id",
        "node_id",
        "id",
        "opened_at",
        "closed_at",
        "why",
        "opened_by_kind",
        "opened_by_value",
      ],
      suffix: `ON CONFLICT (trust_domain_id, node_id, opened_by_kind, opened_by_value) DO UPDATE
        SET opened_at = EXCLUDED.opened_at, closed_at = EXCLUDED.closed_at, why = EXCLUDED.why`,
    },
    incarnations.map((row) => [
      trustDomainId,
      row.nodeId,
      row.id,
      row.openedAt,
      row.closedAt,
      row.why,
      row.openedByKind,
      row.openedByValue,
    ]),
  );
  await client.query(
    `DELETE FROM incarnation i WHERE i.trust_domain_id = $1 AND i.node_id = ANY($2::uuid[])
     AND NOT EXISTS (
       SELECT FROM unnest($3::uuid[], $4::text[], $5::text[]) AS v(node_id, kind, value)
       WHERE v.node_id = i.node_id AND v.kind = i.opened_by_kind AND v.value = i.opened_by_value)`,
    [
      trustDomainId,
      nodeIds,
      incarnations.map(({ nodeId }) => nodeId),
      incarnations.map(({ openedByKind }) => openedByKind),
      incarnations.map(({ openedByValue }) => openedByValue),
    ],
  );
  await client.query(
    `UPDATE node_identity i SET incarnation_id = n.id, superseded_at = v.superseded_at
     FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
         AS v(node_id, kind, value, opened_kind, opened_value, superseded_at)
       JOIN incarnation n ON n.trust_domain_id = $1 AND n.node_id = v.node_id
         AND n.opened_by_kind = v.opened_kind AND n.opened_by_value = v.opened_value
     WHERE i.trust_domain_id = $1 AND i.node_id = v.node_id AND i.kind = v.kind AND i.value = v.value`,
    [
      trustDomainId,
      members.map(({ nodeId }) => nodeId),
      members.map(({ kind }) => kind),
      members.map(({ value }) => value),
      members.map(({ openedByKind }) => openedByKind),
      members.map(({ openedByValue }) => openedByValue),
      members.map(({ supersededAt }) => supersededAt),
    ],
  );
}

export type AlarmWrite = {
  id: string;
  fingerprint: Buffer;
  kind: string;
  nodeId: string;
  otherNodeId: string | null;
  /** `null` = found by comparing what is stored. */
  sourceId: string | null;
  sentence: string;
  claimed: readonly { kind: string; value: string }[];
};

/**
 * Record findings. The same one again counts up, and a settled one is open again.
 *
 * @param alarms each fingerprint once, in an order that all writers share
 */
export async function identityAlarmUpsert(
  client: ClientBase,
  trustDomainId: string,
  alarms: readonly AlarmWrite[],
  now: Date,
): Promise<void> {
  await insertRows(
    client,
    {
      name: "identity_alarm_upsert",
      table: "identity_alarm",
      columns: [
        "trust_domain_id",
        "fingerprint",
        "id",
        "kind",
        "node_id",
        "other_node_id",
        "source_id",
        "sentence",
        "claimed",
        "n",
        "first_at",
        "last_at",
      ],
      suffix: `ON CONFLICT (trust_domain_id, fingerprint) DO UPDATE SET n = identity_alarm.n + 1,
        last_at = EXCLUDED.last_at, settled_at = NULL, settled_by = NULL, settled_reason = NULL`,
    },
    alarms.map((alarm) => [
      trustDomainId,
      alarm.fingerprint,
      alarm.id,
      alarm.kind,
      alarm.nodeId,
      alarm.otherNodeId,
      alarm.sourceId,
      alarm.sentence,
      JSON.stringify(alarm.claimed),
      1,
      now,
      now,
    ]),
  );
}

/** Put nodes that were made just now before a person. */
export async function enrolmentInsert(
  client: ClientBase,
  trustDomainId: string,
  sourceId: string,
  nodes: readonly { nodeId: string; requestedAt: Date }[],
): Promise<void> {
  await insertRows(
    client,
    {
      name: "enrolment_insert",
      table: "enrolment",
      columns: ["trust_domain_id", "node_id", "source_id", "state", "requested_at"],
      suffix: "",
    },
    nodes.map(({ nodeId, requestedAt }) => [trustDomainId, nodeId, sourceId, "waiting", requestedAt]),
  );
}

export type DecisionRow = { nodeId: string; atMs: number; state: string; reason: string };

/** Decisions about the enrolment of nodes, in order of time. */
export async function enrolmentDecisions(
  client: ClientBase,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<DecisionRow[]> {
  if (nodeIds.length === 0) return [];
  const { rows } = await client.query<{ node_id: string; at: Date; state: string; reason: string }>(
    `SELECT node_id, at, state, reason FROM enrolment_decision
     WHERE trust_domain_id = $1 AND node_id = ANY($2::uuid[]) ORDER BY node_id, at`,
    [trustDomainId, nodeIds],
  );
  return rows.map(({ node_id, at, state, reason }) => ({
    nodeId: node_id,
    atMs: at.getTime(),
    state,
    reason,
  }));
}

export type FollowingLink = { id: string; nodeId: string; caller: string | null; method: string | null };

/** Links of a source that later events of their group follow; the newest first. */
export async function followingLinks(
  client: ClientBase,
  trustDomainId: string,
  sourceId: string,
): Promise<FollowingLink[]> {
  const { rows } = await client.query<FollowingLink>(
    `SELECT id, node_id AS "nodeId", caller, method FROM event_link
     WHERE trust_domain_id = $1 AND source_id = $2 AND follow AND undone_at IS NULL
     ORDER BY linked_at DESC, id`,
    [trustDomainId, sourceId],
  );
  return rows;
}
