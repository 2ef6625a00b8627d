/** Marking nodes whose drift must be assessed again. Raw SQL: this is on the hot path. */
import type { ClientBase } from "pg";

/** What is believed about the drift of a node from this instant on may not hold any more. */
export type DriftMark = { nodeId: string; fromMs: number };

/**
 * Remember nodes to be assessed again, each from the earliest instant that is new about it.
 *
 * Whoever changes evidence holds the nodes' locks; whoever changes what is expected need not.
 */
export async function driftMark(
  client: ClientBase,
  trustDomainId: string,
  marks: readonly DriftMark[],
  now: Date,
): Promise<void> {
  const earliest = new Map<string, number>();
  for (const { nodeId, fromMs } of marks) {
    earliest.set(nodeId, Math.min(fromMs, earliest.get(nodeId) ?? Number.POSITIVE_INFINITY));
  }
  if (earliest.size === 0) return;
  // In one order, so that two batches cannot deadlock.
  const sorted = [...earliest].sort(([a], [b]) => (a < b ? -1 : 1));
  await client.query({
    name: "drift_mark",
    text: `INSERT INTO drift_dirty AS d (trust_domain_id, node_id, from_at, due_at, marks)
      SELECT $1, v.node_id, v.from_at, $4, 1 FROM unnest($2::uuid[], $3::timestamptz[]) AS v(node_id, from_at)
      ${MERGE}`,
    values: [
      trustDomainId,
      sorted.map(([nodeId]) => nodeId),
      sorted.map(([, fromMs]) => new Date(fromMs).toISOString()),
      now,
    ],
  });
}

/**
 * Remember every node of a domain: what is expected of them changes from an instant on.
 *
 * Waits for assessments that are under way and makes later ones wait for the caller's transaction, so that
 * no node is assessed by what was expected before and missed here.
 */
export async function driftMarkAll(
  client: ClientBase,
  trustDomainId: string,
  fromMs: number,
  now: Date,
): Promise<void> {
  await driftHold(client, trustDomainId);
  await client.query(
    `INSERT INTO drift_dirty AS d (trust_domain_id, node_id, from_at, due_at, marks)
     SELECT $1, id, greatest($2, first_seen_at), $3, 1 FROM node WHERE trust_domain_id = $1 ORDER BY id
     ${MERGE}`,
    [trustDomainId, new Date(fromMs), now],
  );
}

/**
 * The lock of {@link driftMarkAll}, for whoever marks some nodes only. To be taken before these are looked for:
 * a node that comes to be among them meanwhile is marked by what made it one, and assessed afterwards.
 */
export async function driftHold(client: ClientBase, trustDomainId: string): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [lockName(trustDomainId)]);
}

/** To be taken by an assessment before it reads what is expected. See {@link driftMarkAll}. */
export async function driftShareLock(client: ClientBase, trustDomainId: string): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))", [
    lockName(trustDomainId),
  ]);
}

const lockName = (trustDomainId: string) => `drift ${trustDomainId}`;

const MERGE = `ON CONFLICT (trust_domain_id, node_id) DO UPDATE SET
  from_at = least(d.from_at, EXCLUDED.from_at), due_at = least(d.due_at, EXCLUDED.due_at),
  marks = d.marks + 1`;
