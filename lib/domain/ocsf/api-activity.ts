/** What somebody did or tried here as OCSF API Activity (6003). */
import type { AuditFact, FeedItem } from "#lib/domain/feed/fact";
import { integrityOf, restOf, resultOf, sourceOf, userOf } from "./audit-event.ts";
import { type Emitter, type EventClass, eventOf, type OcsfEvent } from "./event.ts";

const CLASS: EventClass = {
  uid: 6003,
  name: "API Activity",
  categoryUid: 6,
  categoryName: "Application Activity",
  activities: { 1: "Create", 2: "Read", 3: "Update", 4: "Delete" },
};

const CREATES = /^(create|add|propose|plan|grant|expect|draft|save|make|prepare|trust)/;
const READS = /^(read|export|verify|check|preview|backtest|download|test)/;
const DELETES = /^(delete|remove|discard|revoke|end|withdraw|cancel|unlink|distrust)/;

/** By the verb of the action; what is neither made, read nor taken away was changed. */
function activityOf(action: string): number {
  const verb = action.slice(action.indexOf(".") + 1);
  if (CREATES.test(verb)) return 1;
  if (READS.test(verb)) return 2;
  return DELETES.test(verb) ? 4 : 3;
}

export function apiActivityOf(item: FeedItem, fact: AuditFact, emitter: Emitter): OcsfEvent {
  const { profiles, attributes } = integrityOf(item, fact, emitter);
  const done = fact.outcome === "done";
  const who = fact.actorName ?? `${fact.actorKind} ${fact.actorId}`;
  return eventOf(CLASS, item, fact.kind, emitter, {
    activityId: activityOf(fact.action),
    severity: done ? "informational" : "low",
    message: `${who}: ${fact.action} ${fact.entity} ${fact.entityId}${done ? "" : ` was refused (${fact.problemCode ?? "by a rule"})`}`,
    timeMs: item.atMs,
    profiles,
    attributes: {
      ...resultOf(fact),
      actor: { user: userOf(fact) },
      api: { operation: fact.action, request: { uid: fact.requestId } },
      src_endpoint: sourceOf(fact),
      resources: [{ uid: fact.entityId, type: fact.entity }],
      ...attributes,
    },
    unmapped: restOf(fact),
  });
}
