/** From the outbox to notifications: who hears of each event, and what is to be sent to them. */

import {
  announcementRouted,
  announcementsWaiting,
  channelKinds,
  domainParents,
  escalationStep,
  escalationsDue,
  notificationGrow,
  notificationInsert,
  type OpenNotification,
  openByGroup,
  openByThread,
  routeTrees,
  routingTryLock,
} from "#db/queries/notification-route";
import { type DeliveryVerb, deliveryAdd } from "#db/queries/notification-send";
import { inTransaction, type SqlClient, type SqlPool } from "#db/transaction";
import { RouteTree } from "#lib/contracts/notification";
import type { Announcement } from "#lib/domain/notify/event";
import {
  groupKeyOf,
  type Route,
  type RoutedEvent,
  type Taker,
  takersOf,
  tellAt,
  worse,
} from "#lib/domain/notify/route";
import type { Channel } from "#lib/notify/contract";
import { uuidv7 } from "#lib/services/uuidv7";
import { domainsAbove } from "./domains.ts";
import { lineOf } from "./line.ts";

/** Events of one transaction. */
const BATCH = 200;
const MINUTE_MS = 60_000;

type Scope = {
  client: SqlClient;
  now: Date;
  trees: ReadonlyMap<string, Route>;
  parents: ReadonlyMap<string, string | null>;
  /** Whether a channel is there and can be told this. */
  hears: (channelId: string, verb: DeliveryVerb) => boolean;
};

/**
 * Look who wants to hear of the oldest events, and see to what nobody acknowledged in time.
 *
 * An event is marked in the same transaction in which its messages are written: whoever dies before, does it again.
 *
 * @returns whether more is waiting
 */
export function routeEvents(pool: SqlPool, kinds: readonly Channel[], now: Date): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    if (!(await routingTryLock(client))) return false;
    const scope = await scopeOf(client, kinds, now);
    const escalated = await escalate(scope);
    const events = await announcementsWaiting(client, BATCH);
    for (const event of events) {
      const notifications = await routeOne(scope, event);
      await announcementRouted(client, event, { at: now, notifications });
    }
    return events.length === BATCH || escalated === BATCH;
  });
}

async function scopeOf(client: SqlClient, kinds: readonly Channel[], now: Date): Promise<Scope> {
  const trees = new Map<string, Route>();
  for (const { trustDomainId, tree } of await routeTrees(client)) {
    // What a later version wrote is not understood in part: its events are shown as unheard.
    const parsed = RouteTree.safeParse(tree);
    if (parsed.success) trees.set(trustDomainId, parsed.data);
  }
  const byId = await channelKinds(client);
  return {
    client,
    now,
    trees,
    parents: await domainParents(client),
    hears: (channelId, verb) =>
      kinds.find(({ kind }) => kind === byId.get(channelId))?.verbs.includes(verb) ?? false,
  };
}

/** @returns how many notifications it became part of */
async function routeOne(scope: Scope, event: Announcement): Promise<number> {
  const domains = domainsAbove(scope.parents, event.trustDomainId);
  const routed: RoutedEvent = { ...event, domains };
  if (event.effect === "closes") {
    const open = await openByThread(scope.client, domains, event.thread);
    for (const notification of open) await close(scope, notification, event);
    if (open.length > 0) return open.length;
  }
  let notifications = 0;
  for (const trustDomainId of domains) {
    const tree = scope.trees.get(trustDomainId);
    for (const taker of tree ? takersOf(tree, routed) : []) {
      const told = await take(scope, trustDomainId, taker, { event, routed });
      if (told) notifications += 1;
    }
  }
  return notifications;
}

/** The end of a matter is told where its beginning was; a notification is over with its last matter. */
async function close(scope: Scope, notification: OpenNotification, event: Announcement): Promise<void> {
  const threads = notification.threads.filter((thread) => thread !== event.thread);
  const { severity, channelIds } = notification;
  const isOver = threads.length === 0;
  await notificationGrow(scope.client, notification, {
    at: scope.now,
    severity,
    threads,
    channelIds,
    resolvedAt: isOver ? scope.now : null,
  });
  for (const channelId of channelIds)
    await tell(scope, notification, channelId, {
      verb: isOver ? "resolve" : "trigger",
      event,
      dueAt: scope.now,
      hurry: false,
    });
}

/** @returns whether anybody hears of it */
async function take(
  scope: Scope,
  trustDomainId: string,
  { path, route }: Taker,
  { event, routed }: { event: Announcement; routed: RoutedEvent },
): Promise<boolean> {
  const channelIds = route.channelIds.filter((channelId) => scope.hears(channelId, "trigger"));
  if (channelIds.length === 0) return false;
  const key = { trustDomainId, route: JSON.stringify(path), groupKey: groupKeyOf(route, routed) };
  const open = await openByGroup(scope.client, key);
  const dueAt = new Date(tellAt(route, event.severity, scope.now.getTime()));
  const notification = open
    ? await join(scope, open, channelIds, event)
    : await begin(scope, key, { route, channelIds, dueAt }, event);
  for (const channelId of channelIds)
    await tell(scope, notification, channelId, { verb: "trigger", event, dueAt, hurry: true });
  return true;
}

async function join(scope: Scope, open: OpenNotification, channels: readonly string[], event: Announcement) {
  const threads = new Set(open.threads);
  if (event.effect === "opens") threads.add(event.thread);
  await notificationGrow(scope.client, open, {
    at: scope.now,
    severity: worse(open.severity, event.severity),
    threads: [...threads],
    channelIds: [...new Set([...open.channelIds, ...channels])],
    resolvedAt: null,
  });
  return open;
}

async function begin(
  { client, now }: Scope,
  key: { trustDomainId: string; route: string; groupKey: string },
  { route: { escalation }, channelIds, dueAt }: { route: Route; channelIds: readonly string[]; dueAt: Date },
  event: Announcement,
) {
  const id = uuidv7(now);
  const [first] = escalation;
  const lasts = event.effect === "opens" || escalation.length > 0;
  await notificationInsert(client, {
    ...key,
    id,
    title: event.title,
    severity: event.severity,
    link: event.link,
    state: lasts ? "open" : "told",
    threads: event.effect === "opens" ? [event.thread] : [],
    channelIds,
    at: now,
    escalation,
    // Nobody is late with what was not told yet.
    nextStepAt: first ? new Date(dueAt.getTime() + first.afterMinutes * MINUTE_MS) : null,
  });
  return { ...key, id };
}

type Told = Pick<OpenNotification, "trustDomainId" | "id" | "route" | "groupKey">;

async function tell(
  { client, now, hears }: Scope,
  told: Told,
  channelId: string,
  { verb, event, dueAt, hurry }: { verb: DeliveryVerb; event: Announcement; dueAt: Date; hurry: boolean },
): Promise<void> {
  if (!hears(channelId, verb)) return;
  const { title, severity, link } = event;
  const { trustDomainId, id: notificationId } = told;
  const message = { title, severity, link, events: [event], by: null, comment: null };
  const line = lineOf(told);
  const delivery = {
    trustDomainId,
    id: uuidv7(now),
    channelId,
    notificationId,
    line,
    verb,
    message,
    at: now,
    dueAt,
  };
  await deliveryAdd(client, delivery, hurry);
}

/** Nobody acknowledged in time: tell the next. @returns how many were due */
async function escalate(scope: Scope): Promise<number> {
  const { client, now, hears } = scope;
  const due = await escalationsDue(client, now, BATCH);
  for (const notification of due) {
    const { trustDomainId, id, escalation, openedAt, severity, link } = notification;
    const index = notification.nextStep ?? 0;
    const channels = (escalation[index]?.channelIds ?? []).filter((channelId) => hears(channelId, "trigger"));
    for (const channelId of channels) {
      const title = `Nobody has acknowledged: ${notification.title}`;
      const message = { title, severity, link, events: [], by: null, comment: null };
      const told = {
        trustDomainId,
        channelId,
        notificationId: id,
        line: lineOf(notification),
        verb: "trigger" as const,
        message,
      };
      await deliveryAdd(client, { ...told, id: uuidv7(now), at: now, dueAt: now }, true);
    }
    const next = escalation[index + 1];
    const nextAt = next && new Date(openedAt.getTime() + next.afterMinutes * MINUTE_MS);
    await escalationStep(client, notification, nextAt ? { step: index + 1, at: nextAt } : null, [
      ...new Set([...notification.channelIds, ...channels]),
    ]);
  }
  return due.length;
}
