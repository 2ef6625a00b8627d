/** What all OCSF events have in common. */
import type { FeedItem } from "#lib/domain/feed/fact";
import { isoInstant } from "#lib/domain/iso-instant";

/** 1.8.0 is the default; 1.9.0 adds to audit events where they stand in the audit log (profile `record_integrity`). */
export const OCSF_VERSIONS = ["1.8.0", "1.9.0"] as const;
export type OcsfVersion = (typeof OCSF_VERSIONS)[number];

/** What events say about the installation that emits them. */
export type Emitter = {
  version: OcsfVersion;
  /** Of the product. */
  productVersion: string;
  /** Where pages are; `null` = this installation has no address of its own. */
  url: string | null;
};

export type OcsfEvent = Readonly<Record<string, unknown>> & {
  class_uid: number;
  type_uid: number;
  severity_id: number;
  time: number;
  message: string;
};

export const SEVERITY = { informational: 1, low: 2, medium: 3, high: 4, critical: 5 } as const;
export type Severity = keyof typeof SEVERITY;
const SEVERITY_CAPTIONS: Readonly<Record<Severity, string>> = {
  informational: "Informational",
  low: "Low",
  medium: "Medium",
  high: "High",
  critical: "Critical",
};

export type EventClass = {
  uid: number;
  name: string;
  categoryUid: number;
  categoryName: string;
  /** Captions of the activities that we use. */
  activities: Readonly<Record<number, string>>;
};

/** What one event says beside what its class and item say. */
export type Particulars = {
  activityId: number;
  severity: Severity;
  /** One sentence for people. */
  message: string;
  timeMs: number;
  attributes: Readonly<Record<string, unknown>>;
  profiles?: readonly string[] | undefined;
  /** What the class has no attribute for. */
  unmapped: Readonly<Record<string, unknown>>;
};

/** Put an event together. Members that are `undefined` do not appear. */
export function eventOf(
  { uid, name, categoryUid, categoryName, activities }: EventClass,
  item: Omit<FeedItem, "fact">,
  logName: string,
  emitter: Emitter,
  { activityId, severity, message, timeMs, attributes, profiles, unmapped }: Particulars,
): OcsfEvent {
  const activity = activities[activityId] ?? "Other";
  return present({
    activity_id: activityId,
    activity_name: activity,
    category_uid: categoryUid,
    category_name: categoryName,
    class_uid: uid,
    class_name: name,
    type_uid: uid * 100 + activityId,
    type_name: `${name}: ${activity}`,
    severity_id: SEVERITY[severity],
    severity: SEVERITY_CAPTIONS[severity],
    time: timeMs,
    message,
    metadata: present({
      version: emitter.version,
      product: present({
        name: "Touchstone",
        vendor_name: "Touchstone",
        version: emitter.productVersion,
        url_string: emitter.url ?? undefined,
      }),
      uid: item.id,
      sequence: item.seq,
      tenant_uid: item.trustDomainId,
      log_name: logName,
      logged_time: item.atMs,
      original_time: isoInstant(timeMs),
      profiles,
    }),
    ...attributes,
    unmapped: present(unmapped),
  }) as OcsfEvent;
}

/** The object without the members that are `undefined`. */
export function present(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** The node as a device; `type_id` 1 = server. */
export function deviceOf(node: NonNullable<FeedItem["node"]>, more: Readonly<Record<string, unknown>> = {}) {
  return present({
    uid: node.id,
    name: node.name,
    hostname: node.name,
    type_id: 1,
    type: "Server",
    is_managed: true,
    ...more,
  });
}

/** The caption of an `*_id` that we use, for its sibling. */
export function captionOf(captions: Readonly<Record<number, string>>, id: number): string {
  return captions[id] ?? "Other";
}
