/** The ledger of messages: written when something is to be told, claimed by whoever tells it. Raw SQL. */
import type { ClientBase, Pool } from "pg";

type Key = { trustDomainId: string; id: string };

/** Events that one message holds at most. */
const FULL = 100;

export type DeliveryVerb = "trigger" | "acknowledge" | "resolve" | "test";

/** What is told, as it is stored; the events are announcements. */
export type StoredMessage = {
  title: string;
  severity: string;
  /** Path of the page that shows it. */
  link: string;
  events: unknown[];
  by: string | null;
  comment: string | null;
};

export type NewDelivery = Key & {
  channelId: string;
  notificationId: string | null;
  /** What is told to the channel in this line is told in order; `null` = a test. */
  line: string | null;
  verb: DeliveryVerb;
  message: StoredMessage;
  at: Date;
  dueAt: Date;
};

/**
 * Add to the message that is still to be sent for the first time, or write a new one.
 *
 * What is claimed meanwhile is not added to: the row is looked at again once its lock is had.
 *
 * @param hurry what was held back before it must not hold this up: it goes out no later
 */
export async function deliveryAdd(client: ClientBase, one: NewDelivery, hurry: boolean): Promise<void> {
  const { message } = one;
  if (hurry)
    await client.query(
      `UPDATE notification_delivery SET next_at = $4
       WHERE trust_domain_id = $1 AND channel_id = $2 AND line = $3 AND state = 'waiting'
         AND last_at IS NULL AND next_at > $4`,
      [one.trustDomainId, one.channelId, one.line, one.dueAt],
    );
  const { rowCount } = await client.query(
    `UPDATE notification_delivery d SET events = d.events + $6,
       message = jsonb_set(jsonb_set(d.message, '{events}', (d.message->'events') || $5::jsonb), '{title}', to_jsonb($7::text))
     WHERE d.trust_domain_id = $1 AND d.id = (
         SELECT w.id FROM notification_delivery w
         WHERE w.trust_domain_id = $1 AND w.channel_id = $2 AND w.line = $9 ORDER BY w.id DESC LIMIT 1)
       AND d.notification_id = $3
       AND d.verb = $4 AND d.verb = 'trigger' AND d.state = 'waiting' AND d.last_at IS NULL
       AND d.events + $6 <= $8`,
    [
      one.trustDomainId,
      one.channelId,
      one.notificationId,
      one.verb,
      JSON.stringify(message.events),
      message.events.length,
      message.title,
      FULL,
      one.line,
    ],
  );
  if (rowCount === 0) await deliveryInsert(client, one);
}

export async function deliveryInsert(client: ClientBase, one: NewDelivery): Promise<void> {
  await client.query(
    `INSERT INTO notification_delivery (trust_domain_id, id, channel_id, notification_id, line, verb, message, events, state,
       attempts, next_at, created_at)
     VALUES ($1, $2, $3, $4, $10, $5, $6, $7, 'waiting', 0, $8, $9)`,
    [
      one.trustDomainId,
      one.id,
      one.channelId,
      one.notificationId,
      one.verb,
      JSON.stringify(one.message),
      one.message.events.length,
      one.dueAt,
      one.at,
      one.line,
    ],
  );
}

export type ClaimedDelivery = Key & {
  channelId: string;
  notificationId: string | null;
  verb: DeliveryVerb;
  message: StoredMessage;
  attempts: number;
  createdAt: Date;
  claimedUntil: Date;
  channelKind: string;
  channelName: string;
  settings: unknown;
  sealedSecrets: Buffer | null;
  failingSince: Date | null;
  /** What an earlier message about the same notification was made into. */
  ref: string | null;
};

/**
 * Claim what is due, one message of each line: what is told over one channel about one group of a route stays in order.
 * A claim that ran out is anybody's again: whoever had it may have died before or after it was sent.
 */
export async function deliveriesClaim(
  pool: Pool,
  { now, until, limit }: { now: Date; until: Date; limit: number },
): Promise<ClaimedDelivery[]> {
  const { rows } = await pool.query<ClaimedDelivery>(
    `WITH due AS (
       SELECT d.trust_domain_id, d.id, c.kind, c.name, c.settings, c.sealed_secrets, c.failing_since
       FROM notification_delivery d
         JOIN notification_channel c ON c.trust_domain_id = d.trust_domain_id AND c.id = d.channel_id
       WHERE c.disabled_at IS NULL
         AND ((d.state = 'waiting' AND d.next_at <= $1) OR (d.state = 'sending' AND d.claimed_until <= $1))
         AND NOT EXISTS (
           SELECT FROM notification_delivery o
           WHERE o.trust_domain_id = d.trust_domain_id AND o.channel_id = d.channel_id
             AND o.line = d.line AND o.id < d.id AND o.state IN ('waiting', 'sending'))
       ORDER BY d.next_at, d.id LIMIT $3 FOR UPDATE OF d SKIP LOCKED)
     UPDATE notification_delivery d SET state = 'sending', claimed_until = $2, last_at = $1
     FROM due WHERE d.trust_domain_id = due.trust_domain_id AND d.id = due.id
     RETURNING d.trust_domain_id AS "trustDomainId", d.id, d.channel_id AS "channelId",
       d.notification_id AS "notificationId", d.verb, d.message, d.attempts, d.created_at AS "createdAt",
       d.claimed_until AS "claimedUntil", due.kind AS "channelKind", due.name AS "channelName", due.settings,
       due.sealed_secrets AS "sealedSecrets", due.failing_since AS "failingSince",
       (SELECT o.remote_ref FROM notification_delivery o
        WHERE o.trust_domain_id = d.trust_domain_id AND o.channel_id = d.channel_id
          AND o.notification_id = d.notification_id AND o.remote_ref IS NOT NULL
        ORDER BY o.id LIMIT 1) AS ref`,
    [now, until, limit],
  );
  return rows;
}

/** How an attempt ended. `nextAt` = when it is tried again; `null` = not any more. */
export type Settled = {
  at: Date;
  delivered: boolean;
  nextAt: Date | null;
  problem: string | null;
  status: number | null;
  ref: string | null;
};

/** Note it, unless the claim ran out meanwhile and somebody else has it. @returns whether it was still ours */
export async function deliverySettle(
  client: ClientBase,
  { trustDomainId, id, claimedUntil }: Pick<ClaimedDelivery, "trustDomainId" | "id" | "claimedUntil">,
  { at, delivered, nextAt, problem, status, ref }: Settled,
): Promise<boolean> {
  const state = delivered ? "delivered" : nextAt ? "waiting" : "given_up";
  const { rowCount } = await client.query(
    `UPDATE notification_delivery SET state = $4, attempts = attempts + 1, claimed_until = NULL,
       next_at = coalesce($5, next_at), last_problem = $6, last_status = $7, remote_ref = coalesce($8, remote_ref),
       ended_at = $9
     WHERE trust_domain_id = $1 AND id = $2 AND state = 'sending' AND claimed_until = $3`,
    [trustDomainId, id, claimedUntil, state, nextAt, problem, status, ref, nextAt ? null : at],
  );
  return rowCount === 1;
}

export async function channelArrived(client: ClientBase, key: Key, at: Date): Promise<void> {
  await client.query(
    `UPDATE notification_channel SET failing_since = NULL, last_problem = NULL, last_ok_at = $3
     WHERE trust_domain_id = $1 AND id = $2`,
    [key.trustDomainId, key.id, at],
  );
}

/** @param disabledWhy why it is taken out of use; `null` = it is not. @returns whether it was taken out just now */
export async function channelFailed(
  client: ClientBase,
  key: Key,
  { at, problem, disabledWhy }: { at: Date; problem: string; disabledWhy: string | null },
): Promise<boolean> {
  const { rows } = await client.query<{ ours: boolean }>(
    `UPDATE notification_channel c SET failing_since = coalesce(c.failing_since, $3), last_problem = $4,
       disabled_at = CASE WHEN $5::text IS NULL THEN c.disabled_at ELSE coalesce(c.disabled_at, $3) END,
       disabled_why = coalesce(c.disabled_why, $5)
     FROM (SELECT trust_domain_id, id, disabled_at FROM notification_channel
       WHERE trust_domain_id = $1 AND id = $2 FOR NO KEY UPDATE) before
     WHERE c.trust_domain_id = before.trust_domain_id AND c.id = before.id
     RETURNING before.disabled_at IS NULL AND c.disabled_at IS NOT NULL AS ours`,
    [key.trustDomainId, key.id, at, problem, disabledWhy],
  );
  return rows[0]?.ours ?? false;
}
