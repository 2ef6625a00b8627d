/** Lives of nodes in a test database: what is sent, and what the log says then. */
import type { Pool } from "pg";
import type { BootstrapEventType } from "#lib/domain/bootstrap-event";
import type { LifecycleFacts } from "#lib/domain/lifecycle-guards";
import type { LifecycleEventType } from "#lib/domain/lifecycle-table";
import { foldLives } from "#lib/services/lifecycle/fold";
import { cloudEvent } from "./ingest-world.ts";

let count = 0;

/** A bootstrap event about a node, as the generic source reads it. */
export function bootstrapDocument(
  node: string,
  atMs: number,
  type: BootstrapEventType,
  more: Record<string, unknown> = {},
) {
  count += 1;
  return cloudEvent("bootstrap", {
    schema: "touchstone.bootstrap/1",
    externalId: `event-${count}`,
    type,
    outcome: "info",
    occurredAt: new Date(atMs).toISOString(),
    identities: [{ kind: "custom", value: node }],
    displayName: node,
    actor: { kind: "controller", id: "test" },
    ...more,
  });
}

/** Fold everything that waits, whether it is due or not. */
export async function foldAllDue(pool: Pool, trustDomainId: string, now: Date): Promise<void> {
  const { rows } = await pool.query<{ node_id: string }>(
    "SELECT node_id FROM lifecycle_dirty WHERE trust_domain_id = $1",
    [trustDomainId],
  );
  if (rows.length > 0)
    await foldLives(
      pool,
      trustDomainId,
      rows.map(({ node_id }) => node_id),
      now,
    );
}

/** The believed log by node name: `outcome rule from>to type at`, oldest first, and the state at its end. */
export async function livesOf(pool: Pool): Promise<Record<string, { state: string; log: string[] }>> {
  const { rows } = await pool.query<{ name: string; state: string; log: string[] | null }>(
    `SELECT n.display_name AS name, s.lifecycle_state AS state, (
       SELECT array_agg(concat_ws(' ', t.outcome, coalesce(t.transition_id, t.rule_id),
           t.from_state || '>' || coalesce(t.to_state, '*'), t.event_type,
           (extract(epoch FROM t.occurred_at) * 1000)::bigint)
         ORDER BY t.occurred_at, t.record_order COLLATE "C")
       FROM node_transition t
       WHERE t.trust_domain_id = s.trust_domain_id AND t.node_id = s.node_id AND t.superseded_at IS NULL) AS log
     FROM node_state s JOIN node n ON n.trust_domain_id = s.trust_domain_id AND n.id = s.node_id`,
  );
  return Object.fromEntries(rows.map(({ name, state, log }) => [name, { state, log: log ?? [] }]));
}

/** Something that a person or an executor did, straight into the log. */
export async function addTrigger(
  pool: Pool,
  trigger: { node: string; type: LifecycleEventType; atMs: number; facts?: Partial<LifecycleFacts> },
): Promise<void> {
  const { node, type, atMs, facts = {} } = trigger;
  await pool.query(
    `WITH it AS (SELECT trust_domain_id, id FROM node WHERE display_name = $1),
       marked AS (INSERT INTO lifecycle_dirty SELECT trust_domain_id, id, $3, $3 FROM it
         ON CONFLICT (trust_domain_id, node_id) DO UPDATE SET from_at = least(lifecycle_dirty.from_at, EXCLUDED.from_at))
     INSERT INTO lifecycle_trigger
       SELECT trust_domain_id, id, gen_random_uuid(), $2, $3, $3, '{"kind":"user","id":"ann"}', $4, 'lifecycle-1', 'test'
       FROM it`,
    [node, type, new Date(atMs), JSON.stringify(facts)],
  );
}
