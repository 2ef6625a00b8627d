/** Bootstrap events of no known node in groups, and the links that give them one. */
import { z } from "zod";
import { Instant, Uuid } from "./common.ts";
import { DecisionReason } from "./identity.ts";
import { TimePointAnswer, TimePointQuery } from "./time.ts";

export const UnattributedGroup = z.strictObject({
  sourceId: Uuid,
  sourceName: z.string(),
  /** Address without port; `null` = the source does not say. */
  caller: z.string().nullable(),
  method: z.string().nullable(),
  events: z.int(),
  failures: z.int(),
  firstAt: Instant,
  lastAt: Instant,
  /** The most frequent reasons, at most three. */
  reasons: z.array(z.strictObject({ text: z.string(), events: z.int() })),
});
export type UnattributedGroup = z.infer<typeof UnattributedGroup>;

export const EventLinkView = z.strictObject({
  id: Uuid,
  nodeId: Uuid,
  nodeName: z.string(),
  sourceName: z.string(),
  caller: z.string().nullable(),
  method: z.string().nullable(),
  /** One event and not its group. */
  single: z.boolean(),
  follow: z.boolean(),
  /** `null` for a link that was in force then and is not now: its events do not tell of it any more. */
  events: z.int().nullable(),
  reason: z.string(),
  linkedAt: Instant,
  linkedBy: z.string(),
});
export type EventLinkView = z.infer<typeof EventLinkView>;

export const UnattributedOverviewQuery = z.strictObject(TimePointQuery);
export type UnattributedOverviewQuery = z.infer<typeof UnattributedOverviewQuery>;

/**
 * At most 200 groups, the last heard first, and every link in force. Events of a link that was taken back count as
 * unattributed all the time before.
 */
export const UnattributedOverview = z.strictObject({
  ...TimePointAnswer,
  groups: z.array(UnattributedGroup),
  links: z.array(EventLinkView),
});
export type UnattributedOverview = z.infer<typeof UnattributedOverview>;

export const LinkEventsBody = z.strictObject({
  nodeId: Uuid,
  target: z.union([
    z.strictObject({ eventId: Uuid }),
    z.strictObject({
      sourceId: Uuid,
      caller: z.string().max(256).nullable(),
      method: z.string().max(256).nullable(),
      /** Later events of the group belong to the node, too. */
      follow: z.boolean(),
    }),
  ]),
  reason: DecisionReason,
});
export type LinkEventsBody = z.infer<typeof LinkEventsBody>;

export const EventsLinked = z.strictObject({ id: Uuid, events: z.int() });
export type EventsLinked = z.infer<typeof EventsLinked>;
