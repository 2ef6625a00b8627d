/** Nodes as an execution sees and changes them: what is known of them, their life, what went wrong. */
import { and, eq, isNull, lte, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { node } from "#db/schema/fleet";
import { containmentWatch, remediationAlarm } from "#db/schema/remediation";
import type { ExecutionKey } from "./execution.ts";
import { instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";

export type NodeKey = { trustDomainId: string; nodeId: string };

/** What is known about a node now. Digests are hex. */
export type NodeKnown = {
  status: string;
  reason: string;
  lifecycle: string;
  lifecycleSinceMs: number | null;
  lanes: { source: string; submod: string; state: string; lastAt: string; opening: string | null }[];
};

export async function nodeKnown(
  conn: Conn,
  { trustDomainId, nodeId }: NodeKey,
): Promise<NodeKnown | undefined> {
  const [row] = await rowsOf<NodeKnown>(
    conn,
    sql`SELECT s.status, s.reason, s.lifecycle_state AS lifecycle,
        ${ms(sql`s.lifecycle_entered_at`)} AS "lifecycleSinceMs", coalesce((
          SELECT jsonb_agg(jsonb_build_object('source', l.source_id, 'submod', l.submod, 'state', l.state,
            'lastAt', to_char(l.last_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'opening', encode(l.opening_hash, 'hex')) ORDER BY l.source_id, l.submod)
          FROM lane l WHERE l.trust_domain_id = s.trust_domain_id AND l.node_id = s.node_id), '[]') AS lanes
      FROM node_state s WHERE s.trust_domain_id = ${trustDomainId}::uuid AND s.node_id = ${nodeId}::uuid`,
  );
  return row;
}

/** The newest verdict that says for itself when it was measured, after an instant; it alone proves nothing. */
export async function freshVerdict(
  conn: Conn,
  { trustDomainId, nodeId }: NodeKey,
  after: Date,
): Promise<{ hash: string; observedMs: number; freshness: string } | undefined> {
  const [row] = await rowsOf<{ hash: string; observedMs: number; freshness: string }>(
    conn,
    sql`SELECT encode(event_hash, 'hex') AS hash, ${ms(sql`observed_at`)} AS "observedMs", freshness
      FROM verdict WHERE trust_domain_id = ${trustDomainId}::uuid AND node_id = ${nodeId}::uuid
        AND observed_at > ${instant(after)} AND tier = 'affirming' AND freshness <> 'none' AND NOT backfill
      ORDER BY observed_at DESC, event_hash LIMIT 1`,
  );
  return row;
}

/** Kinds of identities that are keys which a node makes for itself. */
const OWN_KEYS = sql`('ak_sha256', 'devid_fp')`;

/** The key that took the place of another one of the node after an instant, the newest first. */
export async function newKeySince(
  conn: Conn,
  { trustDomainId, nodeId }: NodeKey,
  after: Date,
): Promise<{ kind: string; value: string; since: Date } | undefined> {
  const [row] = await rowsOf<{ kind: string; value: string; sinceMs: number }>(
    conn,
    sql`SELECT i.kind, i.value, ${ms(sql`i.valid_from`)} AS "sinceMs" FROM node_identity i
      WHERE i.trust_domain_id = ${trustDomainId}::uuid AND i.node_id = ${nodeId}::uuid AND i.kind IN ${OWN_KEYS}
        AND i.role = 'anchor' AND i.valid_to IS NULL AND i.valid_from > ${instant(after)}
        AND EXISTS (SELECT FROM node_identity o WHERE o.trust_domain_id = i.trust_domain_id AND o.node_id = i.node_id
          AND o.kind = i.kind AND o.role = 'anchor' AND o.valid_to = i.valid_from AND o.value <> i.value)
      ORDER BY i.valid_from DESC, i.kind LIMIT 1`,
  );
  return row && { kind: row.kind, value: row.value, since: new Date(row.sinceMs) };
}

/** Which of some nodes have a key that can be seen to change. */
export async function nodesWithKey(
  conn: Conn,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<Set<string>> {
  const rows = await rowsOf<{ nodeId: string }>(
    conn,
    sql`SELECT DISTINCT node_id AS "nodeId" FROM node_identity WHERE trust_domain_id = ${trustDomainId}::uuid
      AND node_id = ANY(${uuids(nodeIds)}) AND kind IN ${OWN_KEYS} AND role = 'anchor' AND valid_to IS NULL`,
  );
  return new Set(rows.map(({ nodeId }) => nodeId));
}

export async function dispositionSet(
  tx: Tx,
  { trustDomainId, nodeId }: NodeKey,
  disposition: string,
): Promise<void> {
  await tx
    .update(node)
    .set({ disposition })
    .where(and(eq(node.trustDomainId, trustDomainId), eq(node.id, nodeId)));
}

/** Append a trigger with what was established for it, to be folded at once; the same id twice is one trigger. */
export async function triggerWithFacts(
  tx: Tx,
  trigger: NodeKey & {
    id: string;
    type: string;
    at: Date;
    actor: { kind: string; id: string };
    facts: object;
    policyVersion: string;
    requestId: string;
  },
): Promise<void> {
  const { trustDomainId, nodeId, id, type, at, actor, facts, policyVersion, requestId } = trigger;
  await tx.execute(sql`INSERT INTO lifecycle_trigger
      (trust_domain_id, node_id, id, type, occurred_at, recorded_at, actor, facts, policy_version, request_id)
    VALUES (${trustDomainId}::uuid, ${nodeId}::uuid, ${id}::uuid, ${type}, ${instant(at)}, ${instant(at)},
      ${JSON.stringify(actor)}::jsonb, ${JSON.stringify(facts)}::jsonb, ${policyVersion}, ${requestId})
    ON CONFLICT DO NOTHING`);
  await tx.execute(sql`INSERT INTO lifecycle_dirty AS d (trust_domain_id, node_id, from_at, due_at)
    VALUES (${trustDomainId}::uuid, ${nodeId}::uuid, ${instant(at)}, ${instant(at)})
    ON CONFLICT (trust_domain_id, node_id) DO UPDATE SET
      from_at = least(d.from_at, EXCLUDED.from_at), due_at = least(d.due_at, EXCLUDED.due_at)`);
}

/** What the fold made of a trigger; `null` = it moved nothing and said nothing. */
export async function triggerOutcome(
  conn: Conn,
  { trustDomainId, nodeId }: NodeKey,
  triggerId: string,
): Promise<{ outcome: string; toState: string | null; why: string | null } | null> {
  const [row] = await rowsOf<{ outcome: string; toState: string | null; why: string | null }>(
    conn,
    sql`SELECT outcome, to_state AS "toState", reason AS why FROM node_transition
      WHERE trust_domain_id = ${trustDomainId}::uuid AND node_id = ${nodeId}::uuid AND cause_id = ${triggerId}
        AND superseded_at IS NULL`,
  );
  return row ?? null;
}

/** @returns whether it is new */
export async function alarmRaise(
  tx: Tx,
  { trustDomainId, requestId }: ExecutionKey,
  alarm: { nodeId: string; kind: string; raisedAt: Date; detail: string },
): Promise<boolean> {
  const rows = await tx
    .insert(remediationAlarm)
    .values({ trustDomainId, requestId, ...alarm })
    .onConflictDoNothing()
    .returning({ nodeId: remediationAlarm.nodeId });
  return rows.length === 1;
}

export async function alarmsEnd(
  tx: Tx,
  { trustDomainId, requestId }: ExecutionKey,
  { nodeId, kind, at }: { nodeId: string; kind: string; at: Date },
): Promise<void> {
  await tx
    .update(remediationAlarm)
    .set({ endedAt: at })
    .where(
      and(
        eq(remediationAlarm.trustDomainId, trustDomainId),
        eq(remediationAlarm.requestId, requestId),
        eq(remediationAlarm.nodeId, nodeId),
        eq(remediationAlarm.kind, kind),
        isNull(remediationAlarm.endedAt),
      ),
    );
}

export type AlarmRow = typeof remediationAlarm.$inferSelect;

/** Alarms that hold, of nodes that the caller sees, newest first. */
export async function alarmsOpen(
  conn: Conn,
  scope: Scope,
  { nodeId, limit }: { nodeId?: string; limit: number },
): Promise<(AlarmRow & { nodeName: string })[]> {
  const rows = await conn
    .select({ alarm: remediationAlarm, nodeName: node.displayName })
    .from(remediationAlarm)
    .innerJoin(
      node,
      and(eq(node.trustDomainId, remediationAlarm.trustDomainId), eq(node.id, remediationAlarm.nodeId)),
    )
    .where(
      and(
        sql`${remediationAlarm.trustDomainId} = ANY(${uuids(scope)})`,
        isNull(remediationAlarm.endedAt),
        nodeId === undefined ? undefined : eq(remediationAlarm.nodeId, nodeId),
      ),
    )
    .orderBy(sql`${remediationAlarm.raisedAt} DESC`, remediationAlarm.nodeId)
    .limit(limit);
  return rows.map(({ alarm, nodeName }) => ({ ...alarm, nodeName }));
}

/** Have a node's containment read back from an instant on; `null` = not any more. */
export async function watchSet(
  tx: Tx,
  key: ExecutionKey,
  nodeId: string,
  nextAt: Date | null,
): Promise<void> {
  const { trustDomainId, requestId } = key;
  if (nextAt === null) {
    await tx
      .delete(containmentWatch)
      .where(and(eq(containmentWatch.trustDomainId, trustDomainId), eq(containmentWatch.nodeId, nodeId)));
    return;
  }
  await tx
    .insert(containmentWatch)
    .values({ trustDomainId, requestId, nodeId, nextAt, lookedAt: null })
    .onConflictDoUpdate({
      target: [containmentWatch.trustDomainId, containmentWatch.nodeId],
      set: { requestId, nextAt },
    });
}

export type WatchRow = typeof containmentWatch.$inferSelect;

export async function watchesDue(conn: Conn, now: Date, limit: number): Promise<WatchRow[]> {
  return conn
    .select()
    .from(containmentWatch)
    .where(lte(containmentWatch.nextAt, now))
    .orderBy(containmentWatch.nextAt)
    .limit(limit);
}

/** Nothing, when the node is not to be isolated any more or for another request. */
export async function watchLooked(
  tx: Tx,
  { trustDomainId, nodeId, requestId }: WatchRow,
  values: { lookedAt: Date; nextAt: Date },
): Promise<void> {
  await tx
    .update(containmentWatch)
    .set(values)
    .where(
      and(
        eq(containmentWatch.trustDomainId, trustDomainId),
        eq(containmentWatch.nodeId, nodeId),
        eq(containmentWatch.requestId, requestId),
      ),
    );
}
