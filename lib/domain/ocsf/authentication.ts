/** Signing in and out as OCSF Authentication (3002). */
import type { AuditFact, FeedItem } from "#lib/domain/feed/fact";
import { integrityOf, restOf, resultOf, sourceOf, userOf } from "./audit-event.ts";
import { type Emitter, type EventClass, eventOf, type OcsfEvent } from "./event.ts";

const CLASS: EventClass = {
  uid: 3002,
  name: "Authentication",
  categoryUid: 3,
  categoryName: "Identity & Access Management",
  activities: { 1: "Logon", 2: "Logoff" },
};

const ACTIVITY: Readonly<Record<string, number>> = {
  "session.create": 1,
  "session.step_up": 1,
  "session.revoke": 2,
};

/** `null` = the entry is about something else. */
export function authenticationOf(item: FeedItem, fact: AuditFact, emitter: Emitter): OcsfEvent | null {
  const activityId = ACTIVITY[fact.action];
  if (activityId === undefined) return null;
  const { profiles, attributes } = integrityOf(item, fact, emitter);
  const done = fact.outcome === "done";
  const what = activityId === 2 ? "signing out" : "signing in";
  return eventOf(CLASS, item, fact.kind, emitter, {
    activityId,
    severity: done ? "informational" : "medium",
    message: `${fact.actorName ?? fact.actorId}: ${what} ${done ? "succeeded" : "was refused"}`,
    timeMs: item.atMs,
    profiles,
    attributes: {
      ...resultOf(fact),
      user: userOf(fact),
      service: { name: "Touchstone" },
      src_endpoint: sourceOf(fact),
      ...attributes,
    },
    unmapped: { action: fact.action, ...restOf(fact) },
  });
}
