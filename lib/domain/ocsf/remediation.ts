/** What was done to a node about its state as OCSF Remediation Activity (7001). */
import type { FeedItem, LifecycleFact } from "#lib/domain/feed/fact";
import { deviceOf, type Emitter, type EventClass, eventOf, type OcsfEvent, present } from "./event.ts";

const CLASS: EventClass = {
  uid: 7001,
  name: "Remediation Activity",
  categoryUid: 7,
  categoryName: "Remediation",
  activities: { 1: "Isolate", 2: "Evict", 3: "Restore" },
};

/** By the action; the activities are named as the tactics of D3FEND are. */
const ACTIVITY: Readonly<Record<string, 1 | 2 | 3>> = {
  quarantine: 1,
  decommission: 2,
  release: 3,
  reprovision: 3,
};

const STATUS: Readonly<Record<string, { status_id: number; status: string }>> = {
  executed: { status_id: 1, status: "Success" },
  aborted: { status_id: 2, status: "Failure" },
};

const EVENT = /^remediation\.([a-z_]+)\.([a-z_]+)$/;

/** `null` = the step has another cause. */
export function remediationOf(item: FeedItem, fact: LifecycleFact, emitter: Emitter): OcsfEvent | null {
  const [, action = "", step = ""] = EVENT.exec(fact.event) ?? [];
  const activityId = ACTIVITY[action];
  if (activityId === undefined || !item.node) return null;
  const refused = fact.outcome === "refused";
  const status = refused ? STATUS.aborted : (STATUS[step] ?? { status_id: 99, status: step });
  return eventOf(CLASS, item, fact.kind, emitter, {
    activityId,
    severity: activityId === 3 ? "informational" : "medium",
    message: `${action} of ${item.node.name}: ${refused ? `refused, ${fact.why}` : step}`,
    timeMs: fact.atMs,
    attributes: present({
      ...status,
      status_detail: fact.why ?? undefined,
      command_uid: fact.causeId ?? item.id,
      device: deviceOf(item.node),
      actor: { app_name: fact.actor.kind, ...(fact.actor.id === null ? {} : { app_uid: fact.actor.id }) },
      countermeasures: [{ d3f_tactic: { name: CLASS.activities[activityId] } }],
    }),
    unmapped: { event: fact.event, from_state: fact.from, to_state: fact.to ?? undefined },
  });
}
