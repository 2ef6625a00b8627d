/** Incidents as people read and handle them. */
import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { type Conn, clientOf, type Tx } from "#db/client";
import { driftGroup, incident, incidentEntry, incidentGroup, incidentNode } from "#db/schema/drift-group";
import { node, nodeState } from "#db/schema/fleet";
import { appUser } from "#db/schema/people";
import { incidentFact } from "./incident-write.ts";
import { instant, type Scope } from "./sql.ts";

export type IncidentRow = typeof incident.$inferSelect;
export type ListedIncident = IncidentRow & { ownerEmail: string | null; resolvedByEmail: string | null };
type IncidentId = Pick<IncidentRow, "trustDomainId" | "id">;

const inScope = (scope: Scope, id: string) =>
  and(inArray(incident.trustDomainId, [...scope]), eq(incident.id, id));
const isOne = ({ trustDomainId, id }: IncidentId) =>
  and(eq(incident.trustDomainId, trustDomainId), eq(incident.id, id));

const owner = alias(appUser, "owner");
const resolver = alias(appUser, "resolver");
const listed = (conn: Conn) =>
  conn
    .select({ row: incident, ownerEmail: owner.email, resolvedByEmail: resolver.email })
    .from(incident)
    .leftJoin(owner, eq(owner.id, incident.owner))
    .leftJoin(resolver, eq(resolver.id, incident.resolvedBy));

/** Where a page ended. */
export type IncidentKey = { atMs: number; id: string };

/** One page, the newest first. */
export async function incidentList(
  conn: Conn,
  scope: Scope,
  args: { state: "open" | "resolved"; after: IncidentKey | null; limit: number },
): Promise<{ items: ListedIncident[]; next: IncidentKey | null }> {
  const { state, after, limit } = args;
  const at = after && instant(new Date(after.atMs));
  const rows = await listed(conn)
    .where(
      and(
        inArray(incident.trustDomainId, [...scope]),
        eq(incident.state, state),
        after
          ? sql`(${incident.openedAt} < ${at} OR (${incident.openedAt} = ${at} AND ${incident.id} > ${after.id}::uuid))`
          : undefined,
      ),
    )
    .orderBy(desc(incident.openedAt), asc(incident.id))
    .limit(limit + 1);
  const items = rows.slice(0, limit).map(({ row, ...names }) => ({ ...row, ...names }));
  const last = items.at(-1);
  const next = rows.length > limit && last ? { atMs: last.openedAt.getTime(), id: last.id } : null;
  return { items, next };
}

export async function incidentCounts(
  conn: Conn,
  scope: Scope,
): Promise<{ open: number; resolved: number; breaker: number }> {
  const count = (state: string, more?: ReturnType<typeof eq>) =>
    conn.$count(incident, and(inArray(incident.trustDomainId, [...scope]), eq(incident.state, state), more));
  return {
    open: await count("open"),
    resolved: await count("resolved"),
    breaker: await count("open", eq(incident.breaker, true)),
  };
}

/** The oldest open incident whose breaker is on in a domain; `undefined` = nothing that is automatic is held back by one. */
export async function breakerIncident(
  conn: Conn,
  trustDomainId: string,
): Promise<{ id: string; title: string } | undefined> {
  const [row] = await conn
    .select({ id: incident.id, title: incident.title })
    .from(incident)
    .where(
      and(eq(incident.trustDomainId, trustDomainId), eq(incident.state, "open"), eq(incident.breaker, true)),
    )
    .orderBy(asc(incident.openedAt), asc(incident.id))
    .limit(1);
  return row;
}

/** `undefined` when there is none or it lies outside the scope; callers answer 404 for both. */
export async function incidentFind(
  conn: Conn,
  scope: Scope,
  id: string,
): Promise<ListedIncident | undefined> {
  const [found] = await listed(conn).where(inScope(scope, id));
  return found && { ...found.row, ownerEmail: found.ownerEmail, resolvedByEmail: found.resolvedByEmail };
}

/** Locked until the transaction ends. */
export async function incidentLock(tx: Tx, scope: Scope, id: string): Promise<IncidentRow | undefined> {
  const [row] = await tx.select().from(incident).where(inScope(scope, id)).for("update");
  return row;
}

export async function incidentUpdate(tx: Tx, id: IncidentId, set: Partial<IncidentRow>): Promise<void> {
  await tx.update(incident).set(set).where(isOne(id));
}

export async function entryInsert(tx: Tx, row: typeof incidentEntry.$inferInsert): Promise<void> {
  await tx.insert(incidentEntry).values(row);
  await incidentFact(clientOf(tx), row.trustDomainId, row);
}

/** Its course, the oldest first. */
export async function incidentEntries(conn: Conn, { trustDomainId, id }: IncidentId) {
  const rows = await conn
    .select({ entry: incidentEntry, email: appUser.email })
    .from(incidentEntry)
    .leftJoin(appUser, eq(appUser.id, incidentEntry.author))
    .where(and(eq(incidentEntry.trustDomainId, trustDomainId), eq(incidentEntry.incidentId, id)))
    .orderBy(asc(incidentEntry.at), asc(incidentEntry.id));
  return rows.map(({ entry, email }) => ({ ...entry, email }));
}

/** The first nodes of an incident by when they joined it, then by name. */
export async function incidentNodes(conn: Conn, { trustDomainId, id }: IncidentId, limit: number) {
  return conn
    .select({
      id: node.id,
      name: node.displayName,
      status: nodeState.status,
      addedAt: incidentNode.addedAt,
    })
    .from(incidentNode)
    .innerJoin(
      node,
      and(eq(node.trustDomainId, incidentNode.trustDomainId), eq(node.id, incidentNode.nodeId)),
    )
    .innerJoin(nodeState, and(eq(nodeState.trustDomainId, node.trustDomainId), eq(nodeState.nodeId, node.id)))
    .where(and(eq(incidentNode.trustDomainId, trustDomainId), eq(incidentNode.incidentId, id)))
    .orderBy(asc(incidentNode.addedAt), asc(node.displayName), asc(node.id))
    .limit(limit);
}

/** The groups that belong to it, those with most nodes first. */
export async function incidentGroups(conn: Conn, { trustDomainId, id }: IncidentId, limit: number) {
  return conn
    .select({
      id: driftGroup.id,
      path: driftGroup.path,
      state: driftGroup.state,
      nodes: driftGroup.nodes,
      peakNodes: driftGroup.peakNodes,
    })
    .from(incidentGroup)
    .innerJoin(
      driftGroup,
      and(
        eq(driftGroup.trustDomainId, incidentGroup.trustDomainId),
        eq(driftGroup.id, incidentGroup.groupId),
      ),
    )
    .where(and(eq(incidentGroup.trustDomainId, trustDomainId), eq(incidentGroup.incidentId, id)))
    .orderBy(desc(driftGroup.peakNodes), asc(driftGroup.path), asc(driftGroup.id))
    .limit(limit);
}

/** @returns whether it was not linked before */
export async function incidentLink(tx: Tx, row: typeof incidentGroup.$inferInsert): Promise<boolean> {
  const added = await tx
    .insert(incidentGroup)
    .values(row)
    .onConflictDoNothing()
    .returning({ groupId: incidentGroup.groupId });
  return added.length > 0;
}

/** Incidents that a group belongs to, open ones first. */
export async function incidentsOfGroup(conn: Conn, scope: Scope, groupId: string) {
  return conn
    .select({ id: incident.id, kind: incident.kind, title: incident.title })
    .from(incidentGroup)
    .innerJoin(
      incident,
      and(eq(incident.trustDomainId, incidentGroup.trustDomainId), eq(incident.id, incidentGroup.incidentId)),
    )
    .where(and(inArray(incidentGroup.trustDomainId, [...scope]), eq(incidentGroup.groupId, groupId)))
    .orderBy(asc(incident.state), desc(incident.openedAt));
}
