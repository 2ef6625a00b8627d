/** Steps of a node's life as OCSF Entity Management (3004). */
import type { FeedItem, LifecycleFact } from "#lib/domain/feed/fact";
import {
  deviceOf,
  type Emitter,
  type EventClass,
  eventOf,
  type OcsfEvent,
  present,
  type Severity,
} from "./event.ts";

const CLASS: EventClass = {
  uid: 3004,
  name: "Entity Management",
  categoryUid: 3,
  categoryName: "Identity & Access Management",
  activities: { 3: "Update", 6: "Enroll", 7: "Unenroll", 11: "Deactivate", 12: "Suspend", 13: "Resume" },
};

const ENROLL = 6;
/** By the state that was entered. */
const ACTIVITY: Readonly<Record<string, number>> = {
  enrolling: ENROLL,
  decommissioning: 11,
  decommissioned: 7,
  quarantining: 12,
  quarantined: 12,
};
const LEFT_QUARANTINE: ReadonlySet<string> = new Set(["quarantined", "quarantining"]);
const RESUME = 13;

const SEVERE: Readonly<Record<string, Severity>> = {
  failed: "high",
  quarantined: "medium",
  suspect: "medium",
};

export function entityManagementOf(item: FeedItem, fact: LifecycleFact, emitter: Emitter): OcsfEvent | null {
  if (!item.node) return null;
  const { from, to, outcome, why, actor, event } = fact;
  const moved = outcome === "moved";
  const resumed = LEFT_QUARANTINE.has(from) && to === "trusted";
  return eventOf(CLASS, item, fact.kind, emitter, {
    activityId: resumed ? RESUME : (ACTIVITY[to ?? ""] ?? 3),
    severity: moved ? (SEVERE[to ?? ""] ?? "informational") : "low",
    message: moved
      ? `${item.node.name} went from ${from} to ${to}`
      : `${item.node.name} stays ${from}; ${to ?? event} was refused: ${why}`,
    timeMs: fact.atMs,
    attributes: present({
      entity: {
        uid: item.node.id,
        name: item.node.name,
        type_id: 1,
        type: "Device",
        device: deviceOf(item.node),
      },
      actor: { app_name: actor.kind, ...(actor.id === null ? {} : { app_uid: actor.id }) },
      status_id: moved ? 1 : 2,
      status: moved ? "Success" : "Failure",
      status_detail: why ?? undefined,
    }),
    unmapped: { from_state: from, to_state: to ?? undefined, event },
  });
}
