/** Connectors, what they remember, and the nodes as they see them. */
import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { connector, connectorMemory } from "#db/schema/connector";
import { trustDomain } from "#db/schema/fleet";
import { rowsOf, type Scope, uuids } from "./sql.ts";

export type ConnectorRow = typeof connector.$inferSelect;
export type ConnectorKey = { trustDomainId: string; id: string };

const named = ({ trustDomainId, id }: ConnectorKey) =>
  and(eq(connector.trustDomainId, trustDomainId), eq(connector.id, id));

/** The visible ones that were not removed, by name, each with the name of its domain. */
export async function connectorRows(conn: Conn, scope: Scope, id?: string) {
  return conn
    .select({ connector, trustDomain: trustDomain.name })
    .from(connector)
    .innerJoin(trustDomain, eq(trustDomain.id, connector.trustDomainId))
    .where(
      and(
        inArray(connector.trustDomainId, [...scope]),
        isNull(connector.removedAt),
        id === undefined ? undefined : eq(connector.id, id),
      ),
    )
    .orderBy(asc(connector.name), asc(connector.id));
}

/** Those of one domain that are used, by name. */
export async function connectorsInUse(conn: Conn, trustDomainId: string): Promise<ConnectorRow[]> {
  return conn
    .select()
    .from(connector)
    .where(
      and(
        eq(connector.trustDomainId, trustDomainId),
        isNull(connector.removedAt),
        isNull(connector.disabledAt),
      ),
    )
    .orderBy(asc(connector.name), asc(connector.id));
}

export async function connectorFind(conn: Conn, key: ConnectorKey): Promise<ConnectorRow | undefined> {
  const [row] = await conn.select().from(connector).where(named(key));
  return row;
}

/** In whatever domain it is: for what another system says about it, before anybody is known. */
export async function connectorById(conn: Conn, id: string): Promise<ConnectorRow | undefined> {
  const [row] = await conn.select().from(connector).where(eq(connector.id, id));
  return row;
}

/** Locked until the transaction ends; none that was removed. */
export async function connectorLock(tx: Tx, scope: Scope, id: string): Promise<ConnectorRow | undefined> {
  const [row] = await tx
    .select()
    .from(connector)
    .where(
      and(inArray(connector.trustDomainId, [...scope]), eq(connector.id, id), isNull(connector.removedAt)),
    )
    .for("update");
  return row;
}

/** @returns false when the name is taken in its domain */
export async function connectorInsert(tx: Tx, row: typeof connector.$inferInsert): Promise<boolean> {
  const rows = await tx.insert(connector).values(row).onConflictDoNothing().returning({ id: connector.id });
  return rows.length === 1;
}

export async function connectorSet(
  conn: Conn,
  key: ConnectorKey,
  values: Partial<Omit<ConnectorRow, "trustDomainId" | "id" | "kind" | "createdAt">>,
): Promise<void> {
  await conn.update(connector).set(values).where(named(key));
}

const inMemory = ({ trustDomainId, id }: ConnectorKey, name: string) =>
  and(
    eq(connectorMemory.trustDomainId, trustDomainId),
    eq(connectorMemory.connectorId, id),
    eq(connectorMemory.name, name),
  );

/** `null` = nothing is remembered under this name. */
export async function memoryGet(conn: Conn, key: ConnectorKey, name: string): Promise<unknown> {
  const [row] = await conn
    .select({ value: connectorMemory.value })
    .from(connectorMemory)
    .where(inMemory(key, name));
  return row?.value ?? null;
}

export async function memoryPut(
  conn: Conn,
  { trustDomainId, id }: ConnectorKey,
  entry: { name: string; value: unknown; changedAt: Date },
): Promise<void> {
  const { value, changedAt } = entry;
  await conn
    .insert(connectorMemory)
    .values({ trustDomainId, connectorId: id, ...entry })
    .onConflictDoUpdate({
      target: [connectorMemory.trustDomainId, connectorMemory.connectorId, connectorMemory.name],
      set: { value, changedAt },
    });
}

export async function memoryRemove(conn: Conn, key: ConnectorKey, name: string): Promise<void> {
  await conn.delete(connectorMemory).where(inMemory(key, name));
}

/** A node with the identities that hold now, the newest first. */
export type ConnectorNodeRow = {
  id: string;
  name: string;
  labels: Record<string, string>;
  identities: { kind: string; value: string }[];
};

/** Those of the domain among these, by name. */
export async function connectorNodes(
  conn: Conn,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<ConnectorNodeRow[]> {
  return rowsOf(
    conn,
    sql`SELECT n.id, n.display_name AS name, n.labels, coalesce((
        SELECT jsonb_agg(jsonb_build_object('kind', i.kind, 'value', i.value) ORDER BY i.valid_from DESC, i.value)
        FROM node_identity i
        WHERE i.trust_domain_id = n.trust_domain_id AND i.node_id = n.id AND i.valid_to IS NULL), '[]') AS identities
      FROM node n WHERE n.trust_domain_id = ${trustDomainId}::uuid AND n.id = ANY(${uuids(nodeIds)})
      ORDER BY n.display_name, n.id`,
  );
}

/** Steps of executions that it has begun and nobody knows to have ended. */
export async function connectorOpenSteps(conn: Conn, { trustDomainId, id }: ConnectorKey): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(
    conn,
    sql`SELECT count(*)::int AS n FROM execution_step
      WHERE trust_domain_id = ${trustDomainId}::uuid AND connector_id = ${id}::uuid
        AND state IN ('pending', 'running', 'unknown')`,
  );
  return row?.n ?? 0;
}
