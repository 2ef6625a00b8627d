/** Marking nodes whose life must be folded again. Raw SQL: this is the hot path. */
import type { ClientBase } from "pg";

/** Something new about a node that its life may rest on, and when it happened. */
export type LifecycleMark = { nodeId: string; atMs: number };

/**
 * Remember nodes to be folded, from the earliest thing that is new about each. The caller holds their locks.
 *
 * @param dueAt later than `now` for imported history; a node that is due already stays so
 */
export async function lifecycleMark(
  client: ClientBase,
  trustDomainId: string,
  marks: readonly LifecycleMark[],
  { now, dueAt }: { now: Date; dueAt: Date },
): Promise<void> {
  const earliest = new Map<string, number>();
  for (const { nodeId, atMs } of marks) {
    earliest.set(nodeId, Math.min(atMs, earliest.get(nodeId) ?? Number.POSITIVE_INFINITY));
  }
  if (earliest.size === 0) return;
  // In one order, so that two batches cannot deadlock.
  const sorted = [...earliest].sort(([a], [b]) => (a < b ? -1 : 1));
  await client.query({
    name: "lifecycle_mark",
    text: `INSERT INTO lifecycle_dirty AS d (trust_domain_id, node_id, from_at, due_at)
      SELECT $1, v.node_id, v.from_at, $5 FROM unnest($2::uuid[], $3::timestamptz[]) AS v(node_id, from_at)
      ON CONFLICT (trust_domain_id, node_id) DO UPDATE SET
        from_at = least(d.from_at, EXCLUDED.from_at),
        due_at = CASE WHEN d.due_at <= $4 THEN d.due_at ELSE EXCLUDED.due_at END`,
    values: [
      trustDomainId,
      sorted.map(([nodeId]) => nodeId),
      sorted.map(([, atMs]) => new Date(atMs).toISOString()),
      now,
      dueAt,
    ],
  });
}
