/** Maintenance windows: what is planned, what runs, what is over, and what they allowed. */
import { and, eq, inArray, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Conn, Tx } from "#db/client";
import { maintenanceWindow } from "#db/schema/drift";
import { appUser } from "#db/schema/people";
import type { DriftClass } from "#lib/domain/drift";
import type { WindowState } from "#lib/domain/maintenance";
import { instant, ms, rowsOf, type Scope, texts, uuids } from "./sql.ts";

type WindowRow = typeof maintenanceWindow.$inferSelect;
export type ListedWindow = WindowRow & { authorEmail: string | null; endedByEmail: string | null };

export async function windowInsert(tx: Tx, row: typeof maintenanceWindow.$inferInsert): Promise<void> {
  await tx.insert(maintenanceWindow).values(row);
}

/** The state of a window as `windowState` has it. */
const stateAt = (now: Date) => sql<WindowState>`CASE
  WHEN ${maintenanceWindow.endedAt} IS NOT NULL OR ${maintenanceWindow.toAt} <= ${instant(now)} THEN 'past'
  WHEN ${maintenanceWindow.fromAt} <= ${instant(now)} THEN 'running' ELSE 'planned' END`;

const within = (scope: Scope) => inArray(maintenanceWindow.trustDomainId, [...scope]);

async function listed(
  conn: Conn,
  where: ReturnType<typeof and>,
  order: ReturnType<typeof sql>,
  limit: number,
): Promise<ListedWindow[]> {
  const [author, ender] = [alias(appUser, "author"), alias(appUser, "ender")];
  const rows = await conn
    .select({ row: maintenanceWindow, author: author.email, ender: ender.email })
    .from(maintenanceWindow)
    .leftJoin(author, eq(author.id, maintenanceWindow.author))
    .leftJoin(ender, eq(ender.id, maintenanceWindow.endedBy))
    .where(where)
    .orderBy(order)
    .limit(limit);
  return rows.map(({ row, author: by, ender: ended }) => ({
    ...row,
    authorEmail: by,
    endedByEmail: ended,
  }));
}

/** Windows in some states: those that end, or begin, first before others; past ones from the newest on. */
export function windowList(
  conn: Conn,
  scope: Scope,
  { states, now, limit }: { states: readonly WindowState[]; now: Date; limit: number },
): Promise<ListedWindow[]> {
  const state = stateAt(now);
  const order = sql`CASE ${state} WHEN 'running' THEN 0 WHEN 'planned' THEN 1 ELSE 2 END,
    CASE ${state} WHEN 'running' THEN ${maintenanceWindow.toAt}
      WHEN 'planned' THEN ${maintenanceWindow.fromAt} END,
    ${maintenanceWindow.fromAt} DESC, ${maintenanceWindow.id}`;
  return listed(conn, and(within(scope), inArray(state, [...states])), order, limit);
}

export async function windowFind(conn: Conn, scope: Scope, id: string): Promise<ListedWindow | undefined> {
  const [row] = await listed(
    conn,
    and(within(scope), eq(maintenanceWindow.id, id)),
    sql`${maintenanceWindow.id}`,
    1,
  );
  return row;
}

/** How many windows there are in each state. */
export async function windowCounts(
  conn: Conn,
  scope: Scope,
  now: Date,
): Promise<Record<WindowState, number>> {
  const rows = await conn
    .select({ state: stateAt(now), count: sql<number>`count(*)::int` })
    .from(maintenanceWindow)
    .where(within(scope))
    .groupBy(sql`1`);
  const of = (state: WindowState) => rows.find((row) => row.state === state)?.count ?? 0;
  return { running: of("running"), planned: of("planned"), past: of("past") };
}

/** The domain of a window; `undefined` when there is none in the scope. */
export async function windowDomain(conn: Conn, scope: Scope, id: string): Promise<string | undefined> {
  const [row] = await conn
    .select({ trustDomainId: maintenanceWindow.trustDomainId })
    .from(maintenanceWindow)
    .where(and(within(scope), eq(maintenanceWindow.id, id)));
  return row?.trustDomainId;
}

/** Locked until the transaction ends; `undefined` when there is none in the scope. */
export async function windowLock(tx: Tx, scope: Scope, id: string): Promise<WindowRow | undefined> {
  const [row] = await tx
    .select()
    .from(maintenanceWindow)
    .where(and(within(scope), eq(maintenanceWindow.id, id)))
    .for("update");
  return row;
}

export async function windowEndEarly(
  tx: Tx,
  { trustDomainId, id }: Pick<WindowRow, "trustDomainId" | "id">,
  ended: { endedAt: Date; endedBy: string },
): Promise<void> {
  await tx
    .update(maintenanceWindow)
    .set(ended)
    .where(and(eq(maintenanceWindow.trustDomainId, trustDomainId), eq(maintenanceWindow.id, id)));
}

/** The next instant after another at which a window begins or ends; `null` = none is planned or runs. */
export async function windowsChangeNext(conn: Conn, scope: Scope, now: Date): Promise<Date | null> {
  const [row] = await rowsOf<{ next: number | null }>(
    conn,
    sql`SELECT ${ms(sql`min(at)`)} AS next FROM (
        SELECT from_at AS at FROM maintenance_window
        WHERE trust_domain_id = ANY(${uuids(scope)}) AND ended_at IS NULL AND from_at > ${instant(now)}
        UNION ALL SELECT to_at FROM maintenance_window
        WHERE trust_domain_id = ANY(${uuids(scope)}) AND ended_at IS NULL AND to_at > ${instant(now)}) edges`,
  );
  return row?.next == null ? null : new Date(row.next);
}

/** Changes that windows decided, by what is believed now. */
export type AllowedCount = { windowId: string; changes: number; nodes: number };

export function windowAllowed(conn: Conn, scope: Scope, ids: readonly string[]): Promise<AllowedCount[]> {
  return rowsOf(
    conn,
    sql`SELECT window_id AS "windowId", count(DISTINCT fingerprint)::int AS changes,
        count(DISTINCT node_id)::int AS nodes
      FROM drift_finding
      WHERE trust_domain_id = ANY(${uuids(scope)}) AND window_id = ANY(${uuids(ids)}) AND recorded_to IS NULL
      GROUP BY window_id`,
  );
}

export type AllowedChange = {
  path: string;
  layer: string;
  kind: string;
  actual: string | null;
  nodes: number;
  firstAt: number;
};

/** What a window allowed, the change that most nodes showed first. */
export function windowChanges(conn: Conn, scope: Scope, id: string, limit: number): Promise<AllowedChange[]> {
  return rowsOf(
    conn,
    sql`SELECT path, layer, kind, actual, count(DISTINCT node_id)::int AS nodes,
        ${ms(sql`min(valid_from)`)} AS "firstAt"
      FROM drift_finding
      WHERE trust_domain_id = ANY(${uuids(scope)}) AND window_id = ${id}::uuid AND recorded_to IS NULL
      GROUP BY fingerprint, path, layer, kind, actual
      ORDER BY nodes DESC, path COLLATE "C", actual LIMIT ${limit}`,
  );
}

export type CoveredChanges = {
  class: DriftClass;
  changes: number;
  nodes: number;
  /** The first of the changes, for people. */
  path: string;
};

/** Differences that some nodes show now, that nobody allowed, and that were decided by some rules; by class. */
export function coveredChanges(
  conn: Conn,
  trustDomainId: string,
  about: { nodeIds: readonly string[]; layers: readonly string[]; rules: ReadonlySet<string>; now: Date },
): Promise<CoveredChanges[]> {
  return rowsOf(
    conn,
    sql`SELECT class, count(DISTINCT fingerprint)::int AS changes, count(DISTINCT node_id)::int AS nodes,
        min(path COLLATE "C") AS path
      FROM drift_finding
      WHERE trust_domain_id = ${trustDomainId}::uuid AND node_id = ANY(${uuids(about.nodeIds)})
        AND recorded_to IS NULL AND layer = ANY(${texts(about.layers)}) AND rule = ANY(${texts([...about.rules])})
        AND valid_from <= ${instant(about.now)} AND (valid_to IS NULL OR valid_to > ${instant(about.now)})
      GROUP BY class`,
  );
}
