/** Sending what is due: outside of any transaction, at least once, each message under one id for ever. */

import {
  type ClaimedDelivery,
  channelArrived,
  channelFailed,
  deliveriesClaim,
  deliverySettle,
} from "#db/queries/notification-send";
import { SealError } from "#db/sealing";
import { inTransaction, type SqlClient, type SqlPool } from "#db/transaction";
import type { Announcement, Severity } from "#lib/domain/notify/event";
import { LONG_FAILURE_MS, waitAfter } from "#lib/domain/notify/schedule";
import { ChannelError, type Message, type Sent, type ToldEvent } from "#lib/notify/contract";
import { announceAll } from "./announce.ts";
import { type NotifyTools, secretPlace } from "./tools.ts";

/** Messages that are under way at once. */
const AT_ONCE = 8;
/** Longer than a message may take with all its requests; whoever holds a claim longer has died. */
const CLAIM_MS = 120_000;
const ATTEMPT_MS = 60_000;

/** @returns whether more may be due */
export async function deliverDue(
  pool: SqlPool,
  tools: NotifyTools,
  now: () => Date,
  signal: AbortSignal,
): Promise<boolean> {
  const at = now();
  const until = new Date(at.getTime() + CLAIM_MS);
  const claimed = await deliveriesClaim(pool, { now: at, until, limit: AT_ONCE });
  await Promise.all(claimed.map((delivery) => deliverOne(pool, tools, delivery, now, signal)));
  return claimed.length > 0 && !signal.aborted;
}

async function deliverOne(
  pool: SqlPool,
  tools: NotifyTools,
  delivery: ClaimedDelivery,
  now: () => Date,
  signal: AbortSignal,
): Promise<void> {
  const outcome = await attempt(tools, delivery, now, signal);
  // The worker stops: what became of it is not known, and the claim runs out.
  if (outcome === null) return;
  await inTransaction(pool, (client) => settle(client, tools, delivery, outcome, now()));
}

/** `null` = it was interrupted by us. */
async function attempt(
  tools: NotifyTools,
  delivery: ClaimedDelivery,
  now: () => Date,
  signal: AbortSignal,
): Promise<Sent | ChannelError | null> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]);
  try {
    const { channel, settings, secrets } = open(tools, delivery);
    return await channel.send(
      {
        settings,
        secrets,
        request: tools.outbound,
        mail: tools.mail,
        ref: delivery.ref,
        nowMs: now().getTime(),
        signal: deadline,
      },
      messageOf(delivery, tools.origin),
    );
  } catch (error) {
    if (signal.aborted) return null;
    if (error instanceof ChannelError) return error;
    if (deadline.aborted) return new ChannelError("It took longer than a minute", { cause: error });
    // A fault of ours must not stop the other messages, nor be tried for ever.
    return new ChannelError("Touchstone could not send it", { cause: error });
  }
}

/** @throws {ChannelError} when the kind is not known, or settings or secrets cannot be read */
function open({ kinds, sealer }: NotifyTools, delivery: ClaimedDelivery) {
  const channel = kinds.find(({ kind }) => kind === delivery.channelKind);
  if (!channel) throw new ChannelError("This version does not know its kind");
  const settings = channel.settings.safeParse(delivery.settings);
  if (!settings.success) throw new ChannelError("Its settings do not fit this version");
  const secrets = channel.secrets.safeParse(openSecrets(sealer, delivery));
  if (!secrets.success) throw new ChannelError("Its secrets do not fit this version; give them anew");
  return { channel, settings: settings.data, secrets: secrets.data };
}

function openSecrets(sealer: NotifyTools["sealer"], delivery: ClaimedDelivery): unknown {
  if (delivery.sealedSecrets === null) return {};
  try {
    const place = secretPlace({ trustDomainId: delivery.trustDomainId, id: delivery.channelId });
    return JSON.parse(sealer.open(delivery.sealedSecrets, place).toString("utf8"));
  } catch (error) {
    if (error instanceof SealError)
      throw new ChannelError("Its secrets cannot be opened with this installation's key", { cause: error });
    throw error;
  }
}

/** The same bytes each time: nothing in it depends on when it is sent. */
function messageOf(delivery: ClaimedDelivery, origin: string): Message {
  const { id, verb, notificationId, message, createdAt } = delivery;
  const key = notificationId ?? id;
  return {
    id,
    verb,
    dedupKey: key,
    title: message.title,
    severity: message.severity as Severity,
    url: `${origin}${message.link}`,
    events: (message.events as Announcement[]).map((event) => toldEvent(event, origin)),
    by: message.by,
    comment: message.comment,
    at: createdAt.toISOString(),
  };
}

function toldEvent({ link, atMs, ...event }: Announcement, origin: string): ToldEvent {
  return { ...event, url: `${origin}${link}`, at: new Date(atMs).toISOString() };
}

async function settle(
  client: SqlClient,
  { spread }: NotifyTools,
  delivery: ClaimedDelivery,
  outcome: Sent | ChannelError,
  at: Date,
): Promise<void> {
  const channel = { trustDomainId: delivery.trustDomainId, id: delivery.channelId };
  if (!(outcome instanceof ChannelError)) {
    const { status, ref } = outcome;
    await deliverySettle(client, delivery, { at, delivered: true, nextAt: null, problem: null, status, ref });
    await channelArrived(client, channel, at);
    return;
  }
  const { message: problem, status, gone, retryAfterMs } = outcome;
  const wait =
    delivery.verb === "test" || gone ? null : waitAfter(delivery.attempts + 1, spread(), retryAfterMs);
  const nextAt = wait === null ? null : new Date(at.getTime() + wait);
  if (!(await deliverySettle(client, delivery, { at, delivered: false, nextAt, problem, status, ref: null })))
    return;
  const failingMs = at.getTime() - (delivery.failingSince ?? at).getTime();
  const disabledWhy = gone
    ? "The receiver says that it is gone for good."
    : failingMs >= LONG_FAILURE_MS
      ? "Nothing has arrived for three days."
      : null;
  const isNews = await channelFailed(client, channel, { at, problem, disabledWhy });
  if (isNews)
    await announceAll(client, [
      {
        kind: "channel.disabled",
        trustDomainId: channel.trustDomainId,
        subject: channel.id,
        title: `The channel ${delivery.channelName} is out of use: ${disabledWhy}`,
        summary: problem,
        link: "/settings/notifications",
        at,
      },
    ]);
}
