/** Notifications, messages, events and channels as people read and handle them. */
import { and, asc, count, desc, eq, gte, inArray, lt, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { trustDomain } from "#db/schema/fleet";
import {
  announcement,
  notification,
  notificationChannel,
  notificationDelivery,
  notificationRoutes,
} from "#db/schema/notification";
import { instant, type Scope } from "./sql.ts";

export type ChannelRow = typeof notificationChannel.$inferSelect;
export type NotificationRowSql = typeof notification.$inferSelect;
export type DeliveryRow = typeof notificationDelivery.$inferSelect;
type Key = { trustDomainId: string; id: string };

const channelIs = ({ trustDomainId, id }: Key) =>
  and(eq(notificationChannel.trustDomainId, trustDomainId), eq(notificationChannel.id, id));

/** The visible ones with their domain's name and the messages that wait, by name. */
export async function channelRows(conn: Conn, scope: Scope, id?: string) {
  const waiting = conn.$count(
    notificationDelivery,
    and(
      eq(notificationDelivery.trustDomainId, notificationChannel.trustDomainId),
      eq(notificationDelivery.channelId, notificationChannel.id),
      inArray(notificationDelivery.state, ["waiting", "sending"]),
    ),
  );
  return conn
    .select({ row: notificationChannel, trustDomain: trustDomain.name, waiting })
    .from(notificationChannel)
    .innerJoin(trustDomain, eq(trustDomain.id, notificationChannel.trustDomainId))
    .where(
      and(
        inArray(notificationChannel.trustDomainId, [...scope]),
        id === undefined ? undefined : eq(notificationChannel.id, id),
      ),
    )
    .orderBy(asc(notificationChannel.name), asc(notificationChannel.id));
}

export async function channelLock(tx: Tx, scope: Scope, id: string): Promise<ChannelRow | undefined> {
  const [row] = await tx
    .select()
    .from(notificationChannel)
    .where(and(inArray(notificationChannel.trustDomainId, [...scope]), eq(notificationChannel.id, id)))
    .for("no key update");
  return row;
}

/** @returns false when the name is taken in its domain */
export async function channelInsert(tx: Tx, row: ChannelRow): Promise<boolean> {
  const rows = await tx
    .insert(notificationChannel)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: notificationChannel.id });
  return rows.length === 1;
}

export async function channelSet(tx: Tx, key: Key, values: Partial<ChannelRow>): Promise<void> {
  await tx.update(notificationChannel).set(values).where(channelIs(key));
}

/** The newest tree of each visible domain that has one. */
export async function routesNewest(conn: Conn, scope: Scope) {
  return conn
    .selectDistinctOn([notificationRoutes.trustDomainId])
    .from(notificationRoutes)
    .where(inArray(notificationRoutes.trustDomainId, [...scope]))
    .orderBy(notificationRoutes.trustDomainId, desc(notificationRoutes.revision));
}

/** @returns false when the revision is there already: somebody else saved first */
export async function routesInsert(tx: Tx, row: typeof notificationRoutes.$inferInsert): Promise<boolean> {
  const rows = await tx
    .insert(notificationRoutes)
    .values(row)
    .onConflictDoNothing()
    .returning({ revision: notificationRoutes.revision });
  return rows.length === 1;
}

export type TimeKey = { atMs: number; id: string };

/** One page, the newest first. `open` = what waits for somebody, acknowledged or not. */
export async function notificationPage(
  conn: Conn,
  scope: Scope,
  { open, after, limit }: { open: boolean; after: TimeKey | null; limit: number },
) {
  const at = after && instant(new Date(after.atMs));
  const rows = await conn
    .select({ row: notification, trustDomain: trustDomain.name })
    .from(notification)
    .innerJoin(trustDomain, eq(trustDomain.id, notification.trustDomainId))
    .where(
      and(
        inArray(notification.trustDomainId, [...scope]),
        open ? inArray(notification.state, ["open", "acknowledged"]) : undefined,
        after
          ? sql`(${notification.lastAt} < ${at} OR (${notification.lastAt} = ${at} AND ${notification.id} > ${after.id}::uuid))`
          : undefined,
      ),
    )
    .orderBy(desc(notification.lastAt), asc(notification.id))
    .limit(limit + 1);
  const items = rows.slice(0, limit);
  const last = items.at(-1)?.row;
  return { items, next: rows.length > limit && last ? { atMs: last.lastAt.getTime(), id: last.id } : null };
}

export async function notificationCounts(conn: Conn, scope: Scope, since: Date) {
  const domains = [...scope];
  const inState = (state: "open" | "acknowledged") =>
    conn.$count(
      notification,
      and(inArray(notification.trustDomainId, domains), eq(notification.state, state)),
    );
  return {
    open: await inState("open"),
    acknowledged: await inState("acknowledged"),
    unheard: await conn.$count(
      announcement,
      and(
        inArray(announcement.trustDomainId, domains),
        gte(announcement.at, since),
        eq(announcement.notifications, 0),
      ),
    ),
    givenUp: await conn.$count(
      notificationDelivery,
      and(
        inArray(notificationDelivery.trustDomainId, domains),
        eq(notificationDelivery.state, "given_up"),
        gte(notificationDelivery.createdAt, since),
      ),
    ),
  };
}

export async function notificationFind(conn: Conn, scope: Scope, id: string) {
  const [found] = await conn
    .select({ row: notification, trustDomain: trustDomain.name })
    .from(notification)
    .innerJoin(trustDomain, eq(trustDomain.id, notification.trustDomainId))
    .where(and(inArray(notification.trustDomainId, [...scope]), eq(notification.id, id)));
  return found;
}

export async function notificationLock(
  tx: Tx,
  scope: Scope,
  id: string,
): Promise<NotificationRowSql | undefined> {
  const [row] = await tx
    .select()
    .from(notification)
    .where(and(inArray(notification.trustDomainId, [...scope]), eq(notification.id, id)))
    .for("update");
  return row;
}

export async function notificationSet(
  tx: Tx,
  { trustDomainId, id }: Key,
  values: Partial<NotificationRowSql>,
): Promise<void> {
  await tx
    .update(notification)
    .set(values)
    .where(and(eq(notification.trustDomainId, trustDomainId), eq(notification.id, id)));
}

/** One page of messages with the names of their channels, the newest first. */
export async function deliveryPage(
  conn: Conn,
  scope: Scope,
  args: {
    state?: DeliveryRow["state"] | undefined;
    channelId?: string | undefined;
    notificationId?: string | undefined;
    before: string | null;
    limit: number;
  },
) {
  const rows = await conn
    .select({ row: notificationDelivery, channel: notificationChannel.name })
    .from(notificationDelivery)
    .innerJoin(
      notificationChannel,
      and(
        eq(notificationChannel.trustDomainId, notificationDelivery.trustDomainId),
        eq(notificationChannel.id, notificationDelivery.channelId),
      ),
    )
    .where(
      and(
        inArray(notificationDelivery.trustDomainId, [...scope]),
        args.state === undefined ? undefined : eq(notificationDelivery.state, args.state),
        args.channelId === undefined ? undefined : eq(notificationDelivery.channelId, args.channelId),
        args.notificationId === undefined
          ? undefined
          : eq(notificationDelivery.notificationId, args.notificationId),
        args.before === null ? undefined : lt(notificationDelivery.id, args.before),
      ),
    )
    .orderBy(desc(notificationDelivery.id))
    .limit(args.limit + 1);
  const items = rows.slice(0, args.limit);
  const last = items.at(-1)?.row;
  return { items, next: rows.length > args.limit && last ? last.id : null };
}

export async function deliveryLock(tx: Tx, scope: Scope, id: string): Promise<DeliveryRow | undefined> {
  const [row] = await tx
    .select()
    .from(notificationDelivery)
    .where(and(inArray(notificationDelivery.trustDomainId, [...scope]), eq(notificationDelivery.id, id)))
    .for("update");
  return row;
}

export async function deliverySet(
  tx: Tx,
  { trustDomainId, id }: Key,
  values: Partial<DeliveryRow>,
): Promise<void> {
  await tx
    .update(notificationDelivery)
    .set(values)
    .where(and(eq(notificationDelivery.trustDomainId, trustDomainId), eq(notificationDelivery.id, id)));
}

/** The newest events with the names of their domains. `unheard` = only those that no route wanted. */
export async function eventsNewest(
  conn: Conn,
  scope: Scope,
  { unheard, limit }: { unheard: boolean; limit: number },
) {
  return conn
    .select({ row: announcement, trustDomain: trustDomain.name })
    .from(announcement)
    .innerJoin(trustDomain, eq(trustDomain.id, announcement.trustDomainId))
    .where(
      and(
        inArray(announcement.trustDomainId, [...scope]),
        unheard ? eq(announcement.notifications, 0) : undefined,
      ),
    )
    .orderBy(desc(announcement.id))
    .limit(limit);
}

/** How many of these channels are there and visible in a domain: routes name no others. */
export async function channelsKnown(
  conn: Conn,
  trustDomainId: string,
  ids: readonly string[],
): Promise<number> {
  const [row] = await conn
    .select({ n: count() })
    .from(notificationChannel)
    .where(
      and(eq(notificationChannel.trustDomainId, trustDomainId), inArray(notificationChannel.id, [...ids])),
    );
  return row?.n ?? 0;
}
