/** Drift and incidents as OCSF Detection Finding (2004). */
import type { DriftFact, FeedItem, IncidentFact } from "#lib/domain/feed/fact";
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
  uid: 2004,
  name: "Detection Finding",
  categoryUid: 2,
  categoryName: "Findings",
  activities: { 1: "Create", 2: "Update", 3: "Close" },
};

const NEW = { status_id: 1, status: "New" };
const IN_PROGRESS = { status_id: 2, status: "In Progress" };
const SUPPRESSED = { status_id: 3, status: "Suppressed" };
const RESOLVED = { status_id: 4, status: "Resolved" };

const DRIFT_SEVERITY: Readonly<Record<string, Severity>> = {
  authorised: "informational",
  benign: "low",
  unexplained: "medium",
  malicious_like: "high",
};

/** MITRE ATT&CK, for layers below the operating system that look like an attack. */
const BOOT_LAYERS: ReadonlySet<string> = new Set(["firmware", "boot", "secure_boot"]);
const PRE_OS_BOOT = { technique: { uid: "T1542", name: "Pre-OS Boot" }, version: "16.1" };

export function driftFindingOf(item: FeedItem, fact: DriftFact, emitter: Emitter): OcsfEvent | null {
  if (!item.node) return null;
  const isOver = fact.change !== "opened";
  const suspicious = fact.class === "malicious_like";
  const what = `${fact.path} ${fact.difference} on ${item.node.name}`;
  return eventOf(CLASS, item, fact.kind, emitter, {
    activityId: isOver ? 3 : 1,
    severity: isOver ? "informational" : (DRIFT_SEVERITY[fact.class] ?? "medium"),
    message: isOver ? `Over: ${what}` : `${what}: ${fact.why}`,
    timeMs: fact.change === "closed" ? (fact.toMs ?? item.atMs) : isOver ? item.atMs : fact.fromMs,
    attributes: present({
      ...(isOver ? RESOLVED : fact.isExcepted ? SUPPRESSED : NEW),
      is_alert: suspicious && !isOver && !fact.isExcepted,
      device: deviceOf(item.node),
      finding_info: present({
        uid: `${item.node.id}/${fact.sourceId}/${fact.submod}/${fact.fingerprint}/${fact.fromMs}`,
        title: what,
        desc: fact.why,
        types: [fact.class],
        first_seen_time: fact.fromMs,
        last_seen_time: fact.toMs ?? undefined,
        analytic: { type_id: 1, type: "Rule", uid: fact.baselineId, version: String(fact.baselineVersion) },
        attacks: suspicious && BOOT_LAYERS.has(fact.layer) ? [PRE_OS_BOOT] : undefined,
      }),
      evidences: [
        { data: { path: fact.path, expected: fact.expected, actual: fact.actual, layer: fact.layer } },
      ],
    }),
    unmapped: {
      change: fact.change,
      fingerprint: fact.fingerprint,
      layer: fact.layer,
      effect: fact.effect,
      score: fact.score,
      source_id: fact.sourceId,
      submodule: fact.submod === "" ? undefined : fact.submod,
    },
  });
}

export function incidentFindingOf(item: FeedItem, fact: IncidentFact, emitter: Emitter): OcsfEvent {
  const { step, title, incidentId } = fact;
  const isOver = step === "resolved";
  const isNew = step === "opened";
  return eventOf(CLASS, item, fact.kind, emitter, {
    activityId: isOver ? 3 : isNew ? 1 : 2,
    severity: isOver ? "informational" : fact.breaker ? "critical" : "high",
    message: isNew ? title : `${title}: ${fact.text}`,
    timeMs: item.atMs,
    attributes: {
      ...(isOver ? RESOLVED : isNew ? NEW : IN_PROGRESS),
      is_alert: !isOver,
      finding_info: {
        uid: incidentId,
        title,
        desc: fact.cause,
        types: [fact.incidentKind],
        created_time: fact.openedMs,
        modified_time: item.atMs,
        analytic: { type_id: 1, type: "Rule", name: fact.incidentKind },
      },
    },
    unmapped: { step, text: fact.text, nodes: fact.nodes, breaker: fact.breaker },
  });
}
