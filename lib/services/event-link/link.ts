/** Giving unattributed events a node, by a person's word. */
import { z } from "zod";
import {
  eventLinkInsert,
  eventLinkLock,
  eventLinkUndo,
  eventsLink,
  unattributedEventFind,
} from "#db/queries/event-link";
import { nodeFind } from "#db/queries/node";
import { type EventsLinked, LinkEventsBody } from "#lib/contracts/event-link";
import { ReasonBody } from "#lib/contracts/identity";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { uuidv7 } from "#lib/services/uuidv7";

/**
 * Link one event or a whole group to a node. The events show on the node; its trust and what is known about
 * who it is do not change, because a person's word is no evidence.
 *
 * @throws {ProblemError} `node/not-found`, `event-link/no-events`
 */
export const linkEvents = command({
  name: "event.link",
  permission: "event:link",
  input: LinkEventsBody,
  target: ({ nodeId }) => nodeId,
  async run(tx, { actor, now }, { nodeId, target, reason }) {
    const node = await nodeFind(tx, actor.trustDomainIds, nodeId);
    if (!node) throw new ProblemError("node/not-found", `No node ${nodeId}.`);
    const { trustDomainId } = node;
    const single = "eventId" in target;
    const group = single ? await unattributedEventFind(tx, trustDomainId, target.eventId) : target;
    if (!group) throw nothing();
    const linkedAt = now();
    const link = {
      trustDomainId,
      id: uuidv7(linkedAt),
      nodeId,
      sourceId: group.sourceId,
      caller: group.caller,
      method: group.method,
      eventId: single ? target.eventId : null,
      follow: single ? false : target.follow,
      reason,
      linkedAt,
      linkedBy: actor.id,
    };
    await eventLinkInsert(tx, link);
    const events = await eventsLink(tx, link);
    if (events === 0) throw nothing();
    const result: EventsLinked = { id: link.id, events };
    return {
      result,
      audit: { trustDomainId, entity: "event", entityId: link.id, before: null, after: { ...link, events } },
    };
  },
});

const nothing = () =>
  new ProblemError(
    "event-link/no-events",
    "No unattributed event fits: somebody may have linked it already.",
  );

/**
 * Take a link back: its events, also those that followed it, belong to nobody again.
 *
 * @throws {ProblemError} `event-link/not-found` also when it was taken back already
 */
export const undoEventLink = command({
  name: "event.unlink",
  permission: "event:link",
  input: ReasonBody.extend({ linkId: z.uuid() }),
  target: ({ linkId }) => linkId,
  async run(tx, { actor, now }, { linkId, reason }) {
    const link = await eventLinkLock(tx, actor.trustDomainIds, linkId);
    if (!link) throw new ProblemError("event-link/not-found", `No link ${linkId}.`);
    const events = await eventLinkUndo(tx, link, { at: now(), by: actor.id });
    const result: EventsLinked = { id: linkId, events };
    return {
      result,
      audit: {
        trustDomainId: link.trustDomainId,
        entity: "event",
        entityId: linkId,
        before: { nodeId: link.nodeId, follow: link.follow },
        after: { events, reason },
      },
    };
  },
});
