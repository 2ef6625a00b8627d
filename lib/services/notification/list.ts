/** Notifications and messages as people read them. */

import { z } from "zod";
import {
  channelRows,
  deliveryPage,
  notificationCounts,
  notificationFind,
  notificationPage,
} from "#db/queries/notification";
import type {
  DeliveryList,
  DeliveryListQuery,
  DeliveryView,
  NotificationList,
  NotificationListQuery,
  NotificationRow,
  NotificationView,
} from "#lib/contracts/notification";
import type { Announcement } from "#lib/domain/notify/event";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { decodeCursor, encodeCursor, TimeIdKey } from "#lib/services/cursor";
import { readScope } from "#lib/services/guard";

const WEEK_MS = 7 * 86_400_000;
/** Messages and events that the page of one notification shows. */
const SHOWN = 100;

/** @throws {ProblemError} `request/invalid` for a foreign cursor */
export async function notificationList(
  ctx: ServiceContext,
  query: NotificationListQuery,
): Promise<NotificationList> {
  const scope = readScope(ctx, "notify:read");
  const after = query.cursor ? decodeCursor(TimeIdKey, query.cursor) : null;
  const page = { open: query.list === "open", after, limit: query.limit };
  const { items, next } = await notificationPage(ctx.db, scope, page);
  const names = await channelNames(ctx, scope);
  return {
    items: items.map((one) => rowView(one, names)),
    nextCursor: next ? encodeCursor(next) : null,
    counts: await notificationCounts(ctx.db, scope, new Date(ctx.now().getTime() - WEEK_MS)),
  };
}

/** @throws {ProblemError} `notification/not-found` */
export async function notificationGet(
  ctx: ServiceContext,
  { notificationId }: { notificationId: string },
): Promise<NotificationView> {
  const scope = readScope(ctx, "notify:read");
  const found = await notificationFind(ctx.db, scope, notificationId);
  if (!found) throw new ProblemError("notification/not-found", `No notification ${notificationId}.`);
  const { items } = await deliveryPage(ctx.db, scope, { notificationId, before: null, limit: SHOWN });
  const events = items.flatMap(({ row }) => (row.message as { events: Announcement[] }).events);
  const told = [...new Map(events.map((event) => [event.id, event])).values()]
    .sort((a, b) => b.atMs - a.atMs || (a.id < b.id ? 1 : -1))
    .slice(0, SHOWN)
    .map(({ id, kind, severity, title, summary, link, atMs }) => ({
      id,
      kind,
      severity,
      title,
      summary,
      link,
      at: new Date(atMs).toISOString(),
    }));
  return { ...rowView(found, await channelNames(ctx, scope)), deliveries: items.map(deliveryView), told };
}

/** The ledger. @throws {ProblemError} `request/invalid` for a foreign cursor */
export async function deliveryList(ctx: ServiceContext, query: DeliveryListQuery): Promise<DeliveryList> {
  const scope = readScope(ctx, "notify:read");
  const before = query.cursor ? decodeCursor(z.uuid(), query.cursor) : null;
  const { state, channelId, limit } = query;
  const { items, next } = await deliveryPage(ctx.db, scope, { state, channelId, before, limit });
  return { items: items.map(deliveryView), nextCursor: next ? encodeCursor(next) : null };
}

async function channelNames(ctx: ServiceContext, scope: readonly string[]): Promise<Map<string, string>> {
  return new Map((await channelRows(ctx.db, scope)).map(({ row }) => [row.id, row.name]));
}

function rowView(
  { row, trustDomain }: NonNullable<Awaited<ReturnType<typeof notificationFind>>>,
  names: ReadonlyMap<string, string>,
): NotificationRow {
  const { acknowledgedAt, acknowledgedBy, resolvedAt } = row;
  return {
    id: row.id,
    title: row.title,
    severity: row.severity,
    state: row.state,
    route: JSON.parse(row.route) as string[],
    trustDomain,
    link: row.link,
    events: row.events,
    channels: row.channelIds.flatMap((id) => names.get(id) ?? []),
    openedAt: row.openedAt.toISOString(),
    lastAt: row.lastAt.toISOString(),
    escalatesAt: row.state === "open" ? (row.nextStepAt?.toISOString() ?? null) : null,
    acknowledged:
      acknowledgedAt && acknowledgedBy
        ? { at: acknowledgedAt.toISOString(), by: acknowledgedBy, comment: row.comment ?? "" }
        : null,
    resolved: resolvedAt && { at: resolvedAt.toISOString(), by: row.resolvedBy },
  };
}

type Listed = Awaited<ReturnType<typeof deliveryPage>>["items"][number];

function deliveryView({ row, channel }: Listed): DeliveryView {
  const isDue = row.state === "waiting" || row.state === "sending";
  return {
    id: row.id,
    notificationId: row.notificationId,
    channelId: row.channelId,
    channel,
    verb: row.verb,
    title: (row.message as { title: string }).title,
    events: row.events,
    state: row.state,
    attempts: row.attempts,
    createdAt: row.createdAt.toISOString(),
    lastAt: row.lastAt?.toISOString() ?? null,
    nextAt: isDue ? row.nextAt.toISOString() : null,
    problem: row.lastProblem,
    status: row.lastStatus,
    ref: row.remoteRef,
  };
}
