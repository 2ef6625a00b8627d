/** Turning events into notifications, under the lock of the one who does it. Raw SQL. */
import type { ClientBase } from "pg";
import type { Announcement, EventEffect, Severity } from "#lib/domain/notify/event";

/** One worker at a time routes, so that events of one matter stay in order. @returns whether it is ours */
export async function routingTryLock(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(
    "SELECT pg_try_advisory_xact_lock(hashtextextended('route notifications', 32)) AS held",
  );
  return rows[0]?.held ?? false;
}

type AnnouncementSql = {
  trust_domain_id: string;
  id: string;
  kind: string;
  severity: Severity;
  thread: string;
  effect: EventEffect;
  labels: Record<string, string>;
  title: string;
  summary: string;
  link: string;
  at: Date;
};

const asAnnouncement = ({ trust_domain_id, at, ...row }: AnnouncementSql): Announcement => ({
  ...row,
  trustDomainId: trust_domain_id,
  atMs: at.getTime(),
});

/** The oldest events that nobody has looked at, locked. */
export async function announcementsWaiting(client: ClientBase, limit: number): Promise<Announcement[]> {
  const { rows } = await client.query<AnnouncementSql>(
    `SELECT trust_domain_id, id, kind, severity, thread, effect, labels, title, summary, link, at
     FROM announcement WHERE routed_at IS NULL ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED`,
    [limit],
  );
  return rows.map(asAnnouncement);
}

/** Whoever reads it next knows that it was looked at, and what became of it. */
export async function announcementRouted(
  client: ClientBase,
  { trustDomainId, id }: Announcement,
  routed: { at: Date; notifications: number },
): Promise<void> {
  await client.query(
    "UPDATE announcement SET routed_at = $3, notifications = $4 WHERE trust_domain_id = $1 AND id = $2",
    [trustDomainId, id, routed.at, routed.notifications],
  );
}

/** The newest tree of every domain that has one. */
export async function routeTrees(client: ClientBase): Promise<{ trustDomainId: string; tree: unknown }[]> {
  const { rows } = await client.query<{ trustDomainId: string; tree: unknown }>(
    `SELECT DISTINCT ON (trust_domain_id) trust_domain_id AS "trustDomainId", tree
     FROM notification_routes ORDER BY trust_domain_id, revision DESC`,
  );
  return rows;
}

/** Each domain with the one above it. */
export async function domainParents(client: ClientBase): Promise<Map<string, string | null>> {
  const { rows } = await client.query<{ id: string; parent_id: string | null }>(
    "SELECT id, parent_id FROM trust_domain",
  );
  return new Map(rows.map(({ id, parent_id }) => [id, parent_id]));
}

/** Which kind a channel is, by its id. */
export async function channelKinds(client: ClientBase): Promise<Map<string, string>> {
  const { rows } = await client.query<{ id: string; kind: string }>(
    "SELECT id, kind FROM notification_channel",
  );
  return new Map(rows.map(({ id, kind }) => [id, kind]));
}

export type OpenNotification = {
  trustDomainId: string;
  id: string;
  route: string;
  groupKey: string;
  state: "open" | "acknowledged";
  title: string;
  severity: Severity;
  link: string;
  threads: string[];
  channelIds: string[];
  escalation: { afterMinutes: number; channelIds: string[] }[];
  nextStep: number | null;
  acknowledgedBy: string | null;
};

const OPEN = `trust_domain_id AS "trustDomainId", id, route, group_key AS "groupKey", state, title, severity, link, threads,
  channel_ids AS "channelIds", escalation, next_step AS "nextStep", acknowledged_by AS "acknowledgedBy"`;

/** The notification of a route and group that is not over, locked. */
export async function openByGroup(
  client: ClientBase,
  key: { trustDomainId: string; route: string; groupKey: string },
): Promise<OpenNotification | null> {
  const { rows } = await client.query<OpenNotification>(
    `SELECT ${OPEN} FROM notification WHERE trust_domain_id = $1 AND route = $2 AND group_key = $3
       AND state IN ('open', 'acknowledged') FOR UPDATE`,
    [key.trustDomainId, key.route, key.groupKey],
  );
  return rows[0] ?? null;
}

/** Those in which a matter is open, in these domains, locked. */
export async function openByThread(
  client: ClientBase,
  domains: readonly string[],
  thread: string,
): Promise<OpenNotification[]> {
  const { rows } = await client.query<OpenNotification>(
    `SELECT ${OPEN} FROM notification WHERE trust_domain_id = ANY ($1::uuid[])
       AND state IN ('open', 'acknowledged') AND threads @> ARRAY[$2] ORDER BY id FOR UPDATE`,
    [domains, thread],
  );
  return rows;
}

export type NewNotification = {
  trustDomainId: string;
  id: string;
  route: string;
  groupKey: string;
  title: string;
  severity: Severity;
  link: string;
  state: "open" | "told";
  threads: readonly string[];
  channelIds: readonly string[];
  at: Date;
  escalation: readonly { afterMinutes: number; channelIds: readonly string[] }[];
  nextStepAt: Date | null;
};

export async function notificationInsert(client: ClientBase, one: NewNotification): Promise<void> {
  await client.query(
    `INSERT INTO notification (trust_domain_id, id, route, group_key, title, severity, link, state, events, threads,
       channel_ids, opened_at, last_at, escalation, next_step, next_step_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $11, $11, $12, $13, $14)`,
    [
      one.trustDomainId,
      one.id,
      one.route,
      one.groupKey,
      one.title,
      one.severity,
      one.link,
      one.state,
      one.threads,
      one.channelIds,
      one.at,
      JSON.stringify(one.escalation),
      one.nextStepAt && 0,
      one.nextStepAt,
    ],
  );
}

/** One more event, and what is open after it. `resolvedAt` = it is over with this event. */
export async function notificationGrow(
  client: ClientBase,
  { trustDomainId, id }: { trustDomainId: string; id: string },
  grown: {
    at: Date;
    severity: Severity;
    threads: readonly string[];
    channelIds: readonly string[];
    resolvedAt: Date | null;
  },
): Promise<void> {
  await client.query(
    `UPDATE notification SET events = events + 1, last_at = greatest(last_at, $3), severity = $4, threads = $5,
       channel_ids = $6, state = CASE WHEN $7::timestamptz IS NULL THEN state ELSE 'resolved' END,
       resolved_at = $7, next_step = CASE WHEN $7::timestamptz IS NULL THEN next_step END,
       next_step_at = CASE WHEN $7::timestamptz IS NULL THEN next_step_at END
     WHERE trust_domain_id = $1 AND id = $2`,
    [trustDomainId, id, grown.at, grown.severity, grown.threads, grown.channelIds, grown.resolvedAt],
  );
}

/** Notifications whose next step of escalation is due, locked. */
export async function escalationsDue(client: ClientBase, now: Date, limit: number) {
  const { rows } = await client.query<OpenNotification & { openedAt: Date }>(
    `SELECT ${OPEN}, opened_at AS "openedAt" FROM notification
     WHERE state = 'open' AND next_step_at <= $1 ORDER BY next_step_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [now, limit],
  );
  return rows;
}

/** What is to be done next; `null` = that was the last step. */
export async function escalationStep(
  client: ClientBase,
  { trustDomainId, id }: { trustDomainId: string; id: string },
  next: { step: number; at: Date } | null,
  channelIds: readonly string[],
): Promise<void> {
  await client.query(
    `UPDATE notification SET next_step = $3, next_step_at = $4, channel_ids = $5
     WHERE trust_domain_id = $1 AND id = $2`,
    [trustDomainId, id, next?.step ?? null, next?.at ?? null, channelIds],
  );
}
