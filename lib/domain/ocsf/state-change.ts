/** A node's trust status as OCSF Device Config State Change (5019). */
import type { FeedItem, TrustFact } from "#lib/domain/feed/fact";
import { isoInstant } from "#lib/domain/iso-instant";
import type { TrustStatus } from "#lib/domain/trust-status";
import {
  captionOf,
  deviceOf,
  type Emitter,
  type EventClass,
  eventOf,
  type OcsfEvent,
  present,
  type Severity,
} from "./event.ts";

const CLASS: EventClass = {
  uid: 5019,
  name: "Device Config State Change",
  categoryUid: 5,
  categoryName: "Discovery",
  activities: { 1: "Log" },
};

const LEVELS = { 0: "Unknown", 1: "Secure", 2: "At Risk", 3: "Compromised" } as const;
/** An exemption is somebody's decision and no evidence; silence says nothing. */
const LEVEL: Readonly<Record<TrustStatus, keyof typeof LEVELS>> = {
  trusted: 1,
  degraded: 2,
  failed: 3,
  quarantined: 3,
  pending: 0,
  stale: 0,
  exempt: 2,
};

const STATES: Readonly<Record<number, string>> = {
  0: "Unknown",
  2: "Policy mismatch",
  3: "In network quarantine",
  14: "Failed boot verification",
};
const STATE: Readonly<Partial<Record<TrustStatus, number>>> = { failed: 14, quarantined: 3, degraded: 2 };

const SEVERITIES: Readonly<Record<TrustStatus, Severity>> = {
  trusted: "informational",
  pending: "informational",
  exempt: "low",
  stale: "medium",
  degraded: "medium",
  quarantined: "high",
  failed: "high",
};

export function stateChangeOf(item: FeedItem, fact: TrustFact, emitter: Emitter): OcsfEvent | null {
  if (!item.node) return null;
  const { status, before, change, reason } = fact;
  const withdrawn = change === "withdrawn";
  const state = STATE[status] ?? null;
  const [level, previous] = [LEVEL[status], before === null ? 0 : LEVEL[before]];
  return eventOf(CLASS, item, fact.kind, emitter, {
    activityId: 1,
    severity: withdrawn ? "informational" : SEVERITIES[status],
    message: withdrawn
      ? `${item.node.name}: no longer believed to have been ${status} from ${isoInstant(fact.fromMs)}`
      : `${item.node.name} is ${status}: ${reason}`,
    timeMs: fact.fromMs,
    attributes: present({
      device: deviceOf(item.node, withdrawn ? {} : { is_trusted: status === "trusted" }),
      security_level_id: withdrawn ? 0 : level,
      security_level: withdrawn ? LEVELS[0] : LEVELS[level],
      prev_security_level_id: withdrawn ? level : previous,
      prev_security_level: withdrawn ? LEVELS[level] : LEVELS[previous],
      security_states:
        state === null || withdrawn ? undefined : [{ state_id: state, state: captionOf(STATES, state) }],
      status_detail: reason,
    }),
    unmapped: {
      trust_status: status,
      prev_trust_status: before ?? undefined,
      change,
      policy_version: fact.policyVersion,
    },
  });
}
