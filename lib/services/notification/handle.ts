/** What people do about notifications: acknowledge, resolve, and send a message again. */
import { z } from "zod";
import { clientOf, type Tx } from "#db/client";
import {
  channelRows,
  deliveryLock,
  deliverySet,
  type NotificationRowSql,
  notificationLock,
  notificationSet,
} from "#db/queries/notification";
import { deliveryInsert } from "#db/queries/notification-send";
import { AcknowledgeBody } from "#lib/contracts/notification";
import { ProblemError } from "#lib/domain/problems";
import type { Channel } from "#lib/notify/contract";
import { type PersonActor, personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { uuidv7 } from "#lib/services/uuidv7";
import { lineOf } from "./line.ts";

type Key = { notificationId: string };
const Id = { notificationId: z.uuid() };
type Done = { id: string; at: string };

/**
 * Take it on: nobody else is told any more, and whoever was is told who took it.
 *
 * @throws {ProblemError} `notification/not-found`, `notification/over`
 */
export function acknowledge(
  ctx: ServiceContext,
  body: AcknowledgeBody & Key,
  kinds: readonly Channel[],
): Promise<Done> {
  return step(kinds, "acknowledge")(ctx, body);
}

/** Say that it is over, whether what it told is or not. @throws {ProblemError} `notification/not-found`, `notification/over` */
export function resolve(
  ctx: ServiceContext,
  body: AcknowledgeBody & Key,
  kinds: readonly Channel[],
): Promise<Done> {
  return step(kinds, "resolve")(ctx, body);
}

const step = (kinds: readonly Channel[], verb: "acknowledge" | "resolve") =>
  command({
    name: `notification.${verb}`,
    permission: "notify:handle",
    input: AcknowledgeBody.extend(Id),
    target: ({ notificationId }) => notificationId,
    async run(tx, ctx, { notificationId, comment }) {
      const actor = personActor(ctx.actor);
      const row = await notificationLock(tx, actor.trustDomainIds, notificationId);
      if (!row) throw new ProblemError("notification/not-found", `No notification ${notificationId}.`);
      if (!isOpenFor(verb, row)) throw new ProblemError("notification/over", `It is ${row.state} already.`);
      const at = ctx.now();
      const stop = { nextStep: null, nextStepAt: null };
      const set =
        verb === "acknowledge"
          ? {
              state: "acknowledged" as const,
              acknowledgedAt: at,
              acknowledgedBy: actor.email,
              comment,
              ...stop,
            }
          : { state: "resolved" as const, resolvedAt: at, resolvedBy: actor.email, threads: [], ...stop };
      await notificationSet(tx, row, set);
      await tellStep(tx, row, { verb, comment, actor, at, kinds });
      return {
        result: { id: notificationId, at: at.toISOString() },
        audit: {
          trustDomainId: row.trustDomainId,
          entity: "notification",
          entityId: notificationId,
          before: { state: row.state },
          after: { state: set.state, comment },
        },
      };
    },
  });

const isOpenFor = (verb: "acknowledge" | "resolve", { state }: NotificationRowSql) =>
  state === "open" || (verb === "resolve" && state !== "resolved");

/** Whoever was told hears of it too, where the channel has a word for it. */
async function tellStep(
  tx: Tx,
  row: NotificationRowSql,
  told: {
    verb: "acknowledge" | "resolve";
    comment: string;
    actor: PersonActor;
    at: Date;
    kinds: readonly Channel[];
  },
): Promise<void> {
  const { verb, comment, actor, at, kinds } = told;
  const { trustDomainId, id: notificationId, title, severity, link } = row;
  for (const { row: channel } of await channelRows(tx, [trustDomainId])) {
    const kind = kinds.find((known) => known.kind === channel.kind);
    if (!row.channelIds.includes(channel.id) || !kind?.verbs.includes(verb)) continue;
    const message = {
      title,
      severity,
      link,
      events: [],
      by: actor.email,
      comment: comment === "" ? null : comment,
    };
    const line = lineOf(row);
    const delivery = { trustDomainId, channelId: channel.id, notificationId, line, verb, message };
    await deliveryInsert(clientOf(tx), { ...delivery, id: uuidv7(at), at, dueAt: at });
  }
}

/**
 * Send a message again, under the same id.
 *
 * @throws {ProblemError} `notification/not-found`; `notification/not-over` while it is on its way
 */
export const replay = command({
  name: "notification_delivery.replay",
  permission: "notify:handle",
  input: z.strictObject({ deliveryId: z.uuid() }),
  target: ({ deliveryId }) => deliveryId,
  async run(tx, { actor, now }, { deliveryId }) {
    const row = await deliveryLock(tx, actor.trustDomainIds, deliveryId);
    if (!row) throw new ProblemError("notification/not-found", `No message ${deliveryId}.`);
    if (row.state !== "delivered" && row.state !== "given_up")
      throw new ProblemError("notification/not-over", "It is still on its way.");
    const at = now();
    await deliverySet(tx, row, { state: "waiting", attempts: 0, nextAt: at, endedAt: null });
    return {
      result: { id: deliveryId, at: at.toISOString() },
      audit: {
        trustDomainId: row.trustDomainId,
        entity: "notification_delivery",
        entityId: deliveryId,
        before: { state: row.state, attempts: row.attempts },
        after: { state: "waiting" },
      },
    };
  },
});
