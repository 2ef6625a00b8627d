/** Replacing a node's anchor. */
import { sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { instant, rowsOf, type Scope, uuids } from "./sql.ts";

type NodeKey = { trustDomainId: string; nodeId: string };

/** The node, locked against ingest until the transaction ends; `undefined` outside of the scope. */
export async function nodeIdentityLock(
  conn: Conn,
  scope: Scope,
  nodeId: string,
): Promise<(NodeKey & { displayName: string }) | undefined> {
  const [row] = await rowsOf<NodeKey & { displayName: string }>(
    conn,
    sql`SELECT n.trust_domain_id AS "trustDomainId", n.id AS "nodeId", n.display_name AS "displayName"
      FROM node_state s JOIN node n ON n.trust_domain_id = s.trust_domain_id AND n.id = s.node_id
      WHERE s.trust_domain_id = ANY(${uuids(scope)}) AND s.node_id = ${nodeId}::uuid FOR UPDATE OF s`,
  );
  return row;
}

/** `null` = the node has no anchor of this kind. */
export async function nodeAnchor(conn: Conn, { trustDomainId, nodeId, kind }: NodeKey & { kind: string }) {
  const [row] = await rowsOf<{ value: string }>(
    conn,
    sql`SELECT value FROM node_identity WHERE trust_domain_id = ${trustDomainId}::uuid
      AND node_id = ${nodeId}::uuid AND kind = ${kind} AND role = 'anchor' AND valid_to IS NULL`,
  );
  return row?.value ?? null;
}

/** Node that has an identity now; `null` = nobody. */
export async function anchorHolder(
  conn: Conn,
  { trustDomainId, kind, value }: { trustDomainId: string; kind: string; value: string },
): Promise<string | null> {
  const [row] = await rowsOf<{ nodeId: string }>(
    conn,
    sql`SELECT node_id AS "nodeId" FROM node_identity WHERE trust_domain_id = ${trustDomainId}::uuid
      AND kind = ${kind} AND value = ${value} AND strong AND valid_to IS NULL`,
  );
  return row?.nodeId ?? null;
}

/** How many open alarms say that the node's anchor changed. */
export async function identityAlarmsOfNode(conn: Conn, { trustDomainId, nodeId }: NodeKey): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(
    conn,
    sql`SELECT count(*)::int AS n FROM identity_alarm WHERE trust_domain_id = ${trustDomainId}::uuid
      AND node_id = ${nodeId}::uuid AND kind = 'anchor_changed' AND settled_at IS NULL`,
  );
  return row?.n ?? 0;
}

/** Close the anchor of a kind, open the new one, and settle the alarms that asked for it. */
export async function anchorReplace(
  tx: Tx,
  rebind: NodeKey & { kind: string; value: string; at: Date; actorId: string; reason: string },
): Promise<void> {
  const { trustDomainId, nodeId, kind, value, at, actorId, reason } = rebind;
  await tx.execute(sql`UPDATE node_identity SET valid_to = ${instant(at)}
    WHERE trust_domain_id = ${trustDomainId}::uuid AND node_id = ${nodeId}::uuid AND kind = ${kind}
      AND role = 'anchor' AND valid_to IS NULL`);
  await tx.execute(sql`INSERT INTO node_identity (trust_domain_id, node_id, kind, value, strong, role, valid_from)
    VALUES (${trustDomainId}::uuid, ${nodeId}::uuid, ${kind}, ${value}, true, 'anchor', ${instant(at)})`);
  await tx.execute(sql`UPDATE identity_alarm
    SET settled_at = ${instant(at)}, settled_by = ${actorId}, settled_reason = ${reason}
    WHERE trust_domain_id = ${trustDomainId}::uuid AND node_id = ${nodeId}::uuid AND kind = 'anchor_changed'
      AND settled_at IS NULL`);
}
