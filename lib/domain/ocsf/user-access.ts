/** Roles that were given and taken as OCSF User Access Management (3005). */
import type { AuditFact, FeedItem } from "#lib/domain/feed/fact";
import { integrityOf, memberOf, restOf, resultOf, sourceOf, userOf } from "./audit-event.ts";
import { type Emitter, type EventClass, eventOf, type OcsfEvent } from "./event.ts";

const CLASS: EventClass = {
  uid: 3005,
  name: "User Access Management",
  categoryUid: 3,
  categoryName: "Identity & Access Management",
  activities: { 1: "Assign Privileges", 2: "Revoke Privileges" },
};

const ACTIVITY: Readonly<Record<string, number>> = {
  "role.grant": 1,
  "service_account.grant": 1,
  "group_role.add": 1,
  "role.revoke": 2,
  "service_account.revoke_role": 2,
  "group_role.remove": 2,
};

/** `null` = the entry is about something else. */
export function userAccessOf(item: FeedItem, fact: AuditFact, emitter: Emitter): OcsfEvent | null {
  const activityId = ACTIVITY[fact.action];
  if (activityId === undefined) return null;
  const { profiles, attributes } = integrityOf(item, fact, emitter);
  const done = fact.outcome === "done";
  const role = memberOf(fact.after, "role") ?? memberOf(fact.before, "role") ?? "unknown";
  const name = memberOf(fact.after, "email") ?? memberOf(fact.before, "email") ?? undefined;
  return eventOf(CLASS, item, fact.kind, emitter, {
    activityId,
    severity: done ? "low" : "medium",
    message: `${fact.actorName ?? fact.actorId} ${activityId === 1 ? "gave" : "took"} the role ${role}${done ? "" : ": refused"}`,
    timeMs: item.atMs,
    profiles,
    attributes: {
      ...resultOf(fact),
      actor: { user: userOf(fact) },
      user: { uid: fact.entityId, ...(name === undefined ? {} : { name }) },
      privileges: [role],
      src_endpoint: sourceOf(fact),
      ...attributes,
    },
    unmapped: { action: fact.action, ...restOf(fact) },
  });
}
