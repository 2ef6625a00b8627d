/** Notifications: channels, routes, what was told to whom, and what people said to it. */
import { z } from "zod";
import { EVENT_KINDS, SEVERITIES, topicOf } from "#lib/domain/notify/event";
import { isZone } from "#lib/domain/notify/quiet";
import type { GroupBy, Route } from "#lib/domain/notify/route";
import { Cursor, Instant, Uuid } from "./common.ts";
import { presentQuery } from "./time.ts";

const PRESENT = presentQuery("notifications say for themselves when each thing happened.");

const Line = z.string().trim().min(1).max(100);
const Clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be HH:MM");
const KINDS = new Set<string>([
  ...Object.keys(EVENT_KINDS),
  ...Object.keys(EVENT_KINDS).map((kind) => `${topicOf(kind)}.*`),
]);
const KindPattern = z.string().refine((text) => KINDS.has(text), "is no kind of event; see the guide");
const ChannelIds = z.array(Uuid).max(20);
const ByLabel = z.string().regex(/^label:[\w./-]{1,100}$/, "must be label: and the name of a label");

const Matcher = z.strictObject({
  kinds: z.array(KindPattern).max(50).optional(),
  severity: z.enum(SEVERITIES).optional(),
  labels: z.record(z.string().min(1).max(100), z.string().max(200)).optional(),
  trustDomainId: Uuid.optional(),
});

const Quiet = z
  .strictObject({
    from: Clock,
    to: Clock,
    zone: z.string().max(60).refine(isZone, "is no time zone"),
    days: z.array(z.int().min(0).max(6)).min(1).max(7).optional(),
    holdsCritical: z.boolean().default(false),
  })
  .refine(({ from, to }) => from !== to, "must end at another time than it begins");

const Step = z.strictObject({ afterMinutes: z.int().min(1).max(10_080), channelIds: ChannelIds.min(1) });

/** Levels of a tree; a deeper one is nobody's to understand. */
const MAX_DEPTH = 6;
const MAX_ROUTES = 200;

export const RouteNode: z.ZodType<Route> = z.lazy(() =>
  z.strictObject({
    name: Line,
    match: Matcher,
    continue: z.boolean(),
    channelIds: ChannelIds,
    groupBy: z
      .array(z.union([z.enum(["matter", "topic", "severity", "domain"]), ByLabel]))
      .max(5) as unknown as z.ZodType<GroupBy[]>,
    digestMinutes: z.int().min(0).max(1_440),
    quiet: Quiet.nullable(),
    escalation: z
      .array(Step)
      .max(5)
      .refine(
        (steps) =>
          steps.every(
            ({ afterMinutes }, at) => at === 0 || afterMinutes > (steps[at - 1]?.afterMinutes ?? 0),
          ),
        "must go from the shortest to the longest",
      ),
    routes: z.array(RouteNode).max(50),
  }),
) as z.ZodType<Route>;

const depthOf = ({ routes }: Route): number => 1 + Math.max(0, ...routes.map(depthOf));
const countOf = ({ routes }: Route): number => routes.reduce((sum, route) => sum + countOf(route), 1);
const namesAreUnique = ({ routes }: Route): boolean =>
  new Set(routes.map(({ name }) => name)).size === routes.length && routes.every(namesAreUnique);
const wantsAll = ({ match }: Route): boolean => Object.keys(match).length === 0;

/** A whole tree. */
export const RouteTree = RouteNode.refine(wantsAll, "The root takes everything: it has no conditions.")
  .refine((root) => depthOf(root) <= MAX_DEPTH, `A tree has ${MAX_DEPTH} levels at most.`)
  .refine((root) => countOf(root) <= MAX_ROUTES, `A tree has ${MAX_ROUTES} routes at most.`)
  .refine(namesAreUnique, "Routes beside each other have different names.");

export const RoutesQuery = z.strictObject({ trustDomainId: Uuid.optional(), ...PRESENT });

const RoutesView = z.strictObject({
  trustDomainId: Uuid,
  trustDomain: z.string(),
  /** 0 = nobody has saved any. */
  revision: z.int(),
  tree: RouteNode,
  savedAt: Instant.nullable(),
  savedBy: z.string().nullable(),
});

export const RoutesList = z.strictObject({ items: z.array(RoutesView) });
export type RoutesList = z.infer<typeof RoutesList>;

export const SaveRoutesBody = z.strictObject({
  trustDomainId: Uuid,
  /** The one that was changed; somebody else's change in between is not overwritten. */
  revision: z.int().min(0),
  tree: RouteTree,
});
export type SaveRoutesBody = z.input<typeof SaveRoutesBody>;

export const RoutesSaved = z.strictObject({ revision: z.int(), at: Instant });

export const PreviewRoutesBody = z.strictObject({ trustDomainId: Uuid, tree: RouteTree });
export type PreviewRoutesBody = z.input<typeof PreviewRoutesBody>;

const EventView = z.strictObject({
  id: Uuid,
  kind: z.string(),
  severity: z.enum(SEVERITIES),
  title: z.string(),
  summary: z.string(),
  trustDomain: z.string(),
  link: z.string(),
  at: Instant,
  /** `null` = it was not looked at yet; 0 = nobody heard of it. */
  notifications: z.int().nullable(),
});
export type EventView = z.infer<typeof EventView>;

export const RoutesPreview = z.strictObject({
  items: z.array(
    EventView.extend({
      /** Where it would go by the tree that was sent. Empty names = the root. */
      takers: z.array(z.strictObject({ path: z.array(z.string()), channels: z.array(z.string()) })),
      /** Nobody would hear of it. */
      unheard: z.boolean(),
    }),
  ),
});
export type RoutesPreview = z.infer<typeof RoutesPreview>;

/** Values of a form: texts, numbers and nothing nested. The kind of the channel checks them. */
const Flat = z.record(z.string().max(60), z.union([z.string().max(10_000), z.number(), z.boolean()]));

export const CreateChannelBody = z.strictObject({
  kind: z.string().max(40),
  name: Line,
  trustDomainId: Uuid.optional(),
  settings: Flat,
  /** Stored sealed, and never answered. */
  secrets: Flat.default({}),
});
export type CreateChannelBody = z.input<typeof CreateChannelBody>;

export const ChangeChannelBody = z.strictObject({
  name: Line.optional(),
  settings: Flat.optional(),
  /** All of them anew; absent = they stay. */
  secrets: Flat.optional(),
});
export type ChangeChannelBody = z.input<typeof ChangeChannelBody>;

export const ChannelView = z.strictObject({
  id: Uuid,
  kind: z.string(),
  label: z.string(),
  name: z.string(),
  trustDomainId: Uuid,
  trustDomain: z.string(),
  settings: z.record(z.string(), z.unknown()),
  /** Names of what is stored sealed. */
  secrets: z.array(z.string()),
  state: z.enum(["working", "failing", "disabled", "untried"]),
  disabledWhy: z.string().nullable(),
  failingSince: Instant.nullable(),
  lastOkAt: Instant.nullable(),
  lastProblem: z.string().nullable(),
  /** Messages that wait for it. */
  waiting: z.int(),
});
export type ChannelView = z.infer<typeof ChannelView>;

export const ChannelList = z.strictObject({
  items: z.array(ChannelView),
  kinds: z.array(
    z.strictObject({
      kind: z.string(),
      label: z.string(),
      fields: z.array(
        z.strictObject({
          name: z.string(),
          title: z.string(),
          description: z.string(),
          secret: z.boolean(),
          required: z.boolean(),
          /** Empty = free text. */
          options: z.array(z.string()),
          default: z.string(),
        }),
      ),
    }),
  ),
});
export type ChannelList = z.infer<typeof ChannelList>;

export const ChannelListQuery = z.strictObject(PRESENT);
export const ChannelTested = z.strictObject({ deliveryId: Uuid });
export const ChannelStepBody = z.strictObject({ reason: z.string().trim().min(3).max(500) });

const NOTIFICATION_STATES = ["open", "told", "acknowledged", "resolved"] as const;
export const NotificationListQuery = z.strictObject({
  list: z.enum(["open", "all"]).default("open"),
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  ...PRESENT,
});
export type NotificationListQuery = z.infer<typeof NotificationListQuery>;

export const NotificationRow = z.strictObject({
  id: Uuid,
  title: z.string(),
  severity: z.enum(SEVERITIES),
  state: z.enum(NOTIFICATION_STATES),
  /** Names of routes from the root down; empty = the root. */
  route: z.array(z.string()),
  trustDomain: z.string(),
  link: z.string(),
  events: z.int(),
  channels: z.array(z.string()),
  openedAt: Instant,
  lastAt: Instant,
  /** When others are told unless somebody acknowledges. */
  escalatesAt: Instant.nullable(),
  acknowledged: z.strictObject({ at: Instant, by: z.string(), comment: z.string() }).nullable(),
  resolved: z.strictObject({ at: Instant, by: z.string().nullable() }).nullable(),
});
export type NotificationRow = z.infer<typeof NotificationRow>;

export const NotificationList = z.strictObject({
  items: z.array(NotificationRow),
  nextCursor: Cursor.nullable(),
  counts: z.strictObject({
    open: z.int(),
    acknowledged: z.int(),
    /** Events of the last week that nobody heard of. */
    unheard: z.int(),
    /** Messages that were given up in the last week. */
    givenUp: z.int(),
  }),
});
export type NotificationList = z.infer<typeof NotificationList>;

const DELIVERY_STATES = ["waiting", "sending", "delivered", "given_up"] as const;
export const DeliveryView = z.strictObject({
  id: Uuid,
  notificationId: Uuid.nullable(),
  channelId: Uuid,
  channel: z.string(),
  verb: z.enum(["trigger", "acknowledge", "resolve", "test"]),
  title: z.string(),
  events: z.int(),
  state: z.enum(DELIVERY_STATES),
  attempts: z.int(),
  createdAt: Instant,
  lastAt: Instant.nullable(),
  /** When it is tried (again). */
  nextAt: Instant.nullable(),
  problem: z.string().nullable(),
  status: z.int().nullable(),
  ref: z.string().nullable(),
});
export type DeliveryView = z.infer<typeof DeliveryView>;

export const NotificationView = NotificationRow.extend({
  deliveries: z.array(DeliveryView),
  told: z.array(EventView.omit({ notifications: true, trustDomain: true })),
});
export type NotificationView = z.infer<typeof NotificationView>;
export const NotificationQuery = z.strictObject(PRESENT);

export const DeliveryListQuery = z.strictObject({
  state: z.enum(DELIVERY_STATES).optional(),
  channelId: Uuid.optional(),
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  ...PRESENT,
});
export type DeliveryListQuery = z.infer<typeof DeliveryListQuery>;
export const DeliveryList = z.strictObject({ items: z.array(DeliveryView), nextCursor: Cursor.nullable() });
export type DeliveryList = z.infer<typeof DeliveryList>;

export const EventListQuery = z.strictObject({
  /** `unheard` = of the last week, those that no route wanted. */
  list: z.enum(["all", "unheard"]).default("all"),
  ...PRESENT,
});
export type EventListQuery = z.infer<typeof EventListQuery>;
export const EventList = z.strictObject({ items: z.array(EventView) });
export type EventList = z.infer<typeof EventList>;

export const AcknowledgeBody = z.strictObject({ comment: z.string().trim().max(1_000).default("") });
export type AcknowledgeBody = z.input<typeof AcknowledgeBody>;
export const NotificationDone = z.strictObject({ id: Uuid, at: Instant });
