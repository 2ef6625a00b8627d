/** Bootstrap events of no known node, in groups, and the links that give them one. */
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { eventLink } from "#db/schema/identity";
import { unattributed } from "./bootstrap-event.ts";
import { instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";
import { type TimePoint, upTo, validAt } from "./time-sql.ts";

export type UnattributedGroupRow = {
  sourceId: string;
  sourceName: string;
  caller: string | null;
  method: string | null;
  events: number;
  failures: number;
  firstAt: number;
  lastAt: number;
  reasons: { text: string; events: number }[];
};

/** Unattributed events by source, caller and method, the last heard first. */
export async function unattributedGroups(
  conn: Conn,
  scope: Scope,
  { limit, ...point }: TimePoint & { limit: number },
): Promise<UnattributedGroupRow[]> {
  return rowsOf(
    conn,
    sql`WITH said AS (
        SELECT trust_domain_id, source_id, caller, method, coalesce(reason_text, reason_code) AS reason, count(*) AS n,
          count(*) FILTER (WHERE outcome IN ('failure', 'denied')) AS failures,
          min(occurred_at) AS first_at, max(occurred_at) AS last_at
        FROM bootstrap_event e WHERE e.trust_domain_id = ANY(${uuids(scope)}) AND ${unattributed(point.knownAt)}
          AND ${upTo(sql`e.occurred_at`, point.asOf)}
        GROUP BY 1, 2, 3, 4, 5
      )
      SELECT g.source_id AS "sourceId", s.name AS "sourceName", g.caller, g.method, sum(g.n)::int AS events,
        sum(g.failures)::int AS failures, ${ms(sql`min(g.first_at)`)} AS "firstAt", ${ms(sql`max(g.last_at)`)} AS "lastAt",
        coalesce(to_jsonb((array_agg(jsonb_build_object('text', g.reason, 'events', g.n) ORDER BY g.n DESC, g.reason)
          FILTER (WHERE g.reason IS NOT NULL))[1:3]), '[]'::jsonb) AS reasons
      FROM said g JOIN source s ON s.trust_domain_id = g.trust_domain_id AND s.id = g.source_id
      GROUP BY g.trust_domain_id, g.source_id, s.name, g.caller, g.method
      ORDER BY max(g.last_at) DESC, g.source_id, g.caller, g.method LIMIT ${limit}`,
  );
}

export type EventLinkRow = {
  id: string;
  nodeId: string;
  nodeName: string;
  sourceName: string;
  caller: string | null;
  method: string | null;
  single: boolean;
  follow: boolean;
  events: number | null;
  reason: string;
  linkedAt: number;
  linkedBy: string;
};

/** Links in force at the time that is asked for, the newest first. People make them, so one time says all. */
export async function eventLinkList(conn: Conn, scope: Scope, point: TimePoint): Promise<EventLinkRow[]> {
  const at = instant(validAt(point));
  return rowsOf(
    conn,
    sql`SELECT l.id, l.node_id AS "nodeId", n.display_name AS "nodeName", s.name AS "sourceName", l.caller, l.method,
        l.event_id IS NOT NULL AS single, l.follow, l.reason, ${ms(sql`l.linked_at`)} AS "linkedAt",
        coalesce(u.email, l.linked_by) AS "linkedBy",
        CASE WHEN l.undone_at IS NULL THEN (SELECT count(*)::int FROM bootstrap_event e
          WHERE e.trust_domain_id = l.trust_domain_id AND e.link_id = l.id AND ${upTo(sql`e.linked_at`, point.asOf)}) END AS events
      FROM event_link l
      JOIN node n ON n.trust_domain_id = l.trust_domain_id AND n.id = l.node_id
      JOIN source s ON s.trust_domain_id = l.trust_domain_id AND s.id = l.source_id
      LEFT JOIN app_user u ON u.id::text = l.linked_by
      WHERE l.trust_domain_id = ANY(${uuids(scope)}) AND l.linked_at <= ${at}
        AND (l.undone_at IS NULL OR l.undone_at > ${at})
      ORDER BY l.linked_at DESC, l.id`,
  );
}

/** Where a single unattributed event stands; `undefined` when it is none or lies outside the domain. */
export async function unattributedEventFind(tx: Tx, trustDomainId: string, eventId: string) {
  const [row] = await rowsOf<{ sourceId: string; caller: string | null; method: string | null }>(
    tx,
    sql`SELECT source_id AS "sourceId", caller, method FROM bootstrap_event
      WHERE trust_domain_id = ${trustDomainId}::uuid AND id = ${eventId}::uuid AND node_id IS NULL`,
  );
  return row;
}

export async function eventLinkInsert(tx: Tx, row: typeof eventLink.$inferInsert): Promise<void> {
  await tx.insert(eventLink).values(row);
}

/** Give the unattributed events of a link its node. @returns how many there were */
export async function eventsLink(tx: Tx, link: typeof eventLink.$inferInsert): Promise<number> {
  const which = link.eventId
    ? sql`id = ${link.eventId}::uuid`
    : sql`source_id = ${link.sourceId}::uuid AND caller IS NOT DISTINCT FROM ${link.caller}
        AND method IS NOT DISTINCT FROM ${link.method}`;
  const rows = await rowsOf(
    tx,
    sql`UPDATE bootstrap_event SET node_id = ${link.nodeId}::uuid, link_id = ${link.id}::uuid, linked_at = ${instant(link.linkedAt)}
      WHERE trust_domain_id = ${link.trustDomainId}::uuid AND node_id IS NULL AND ${which} RETURNING id`,
  );
  return rows.length;
}

/** The link in force, locked until the transaction ends; `undefined` when there is none in the scope. */
export async function eventLinkLock(tx: Tx, scope: Scope, id: string) {
  const [row] = await tx
    .select()
    .from(eventLink)
    .where(
      and(inArray(eventLink.trustDomainId, [...scope]), eq(eventLink.id, id), isNull(eventLink.undoneAt)),
    )
    .for("update");
  return row;
}

/** Take a link back: its events belong to nobody again. @returns how many there were */
export async function eventLinkUndo(
  tx: Tx,
  link: { trustDomainId: string; id: string },
  undone: { at: Date; by: string },
): Promise<number> {
  await tx
    .update(eventLink)
    .set({ undoneAt: undone.at, undoneBy: undone.by })
    .where(and(eq(eventLink.trustDomainId, link.trustDomainId), eq(eventLink.id, link.id)));
  const rows = await rowsOf(
    tx,
    sql`UPDATE bootstrap_event SET node_id = NULL, link_id = NULL, linked_at = NULL
      WHERE trust_domain_id = ${link.trustDomainId}::uuid AND link_id = ${link.id}::uuid RETURNING id`,
  );
  return rows.length;
}
