/** Kubernetes Events, of the core group and of `events.k8s.io`. */
import type { BootstrapEventType, BootstrapOutcome, ReasonCode } from "#lib/domain/bootstrap-event";
import type { NodeIdentity } from "#lib/domain/verdict";
import { type Draft, draftOf, externalIdOf } from "./batch.ts";
import type { KubeObject } from "./kube-object.ts";
import { countAt, textAt, timeAt } from "./members.ts";

/** What an Event reports, in one form for both APIs. */
export type KubeEvent = {
  /** Kind of the object that it is about. */
  about: string;
  name: string | null;
  namespace: string | null;
  uid: string | null;
  reason: string;
  message: string | null;
  isWarning: boolean;
  component: string | null;
};

/** What a reason means for a node. */
export type EventMeaning = readonly [
  type: BootstrapEventType,
  outcome: BootstrapOutcome,
  reasonCode?: ReasonCode | ((message: string) => ReasonCode),
];

/** Read an Event; `null` when it does not say what it is about and why. */
export function kubeEventOf({ value }: KubeObject): KubeEvent | null {
  const member = textAt(value, "regarding", "kind") === null ? "involvedObject" : "regarding";
  const about = textAt(value, member, "kind");
  const reason = textAt(value, "reason");
  if (about === null || reason === null) return null;
  return {
    about,
    name: textAt(value, member, "name"),
    namespace: textAt(value, member, "namespace"),
    uid: textAt(value, member, "uid"),
    reason,
    message: textAt(value, "message") ?? textAt(value, "note"),
    isWarning: textAt(value, "type") === "Warning",
    component:
      textAt(value, "source", "component") ??
      textAt(value, "deprecatedSource", "component") ??
      textAt(value, "reportingController") ??
      textAt(value, "reportingComponent"),
  };
}

/**
 * The draft of an Event. A repeated Event is counted up in place, so only its last time is known;
 * its id holds the count.
 */
export function eventDraft(
  object: KubeObject,
  event: KubeEvent,
  [type, outcome, code]: EventMeaning,
  identities: readonly NodeIdentity[],
): Draft {
  const { value, uid } = object;
  const reasonCode = typeof code === "function" ? code(event.message ?? "") : (code ?? null);
  return draftOf({
    externalId: externalIdOf(uid, countOf(value)),
    type,
    outcome,
    reasonCode,
    reasonText: outcome === "success" ? null : (event.message ?? event.reason),
    occurredAtMs: lastTimeOf(object),
    identities,
    displayName: event.name,
    actor: {
      kind: event.component === "kubelet" ? "node" : "controller",
      id: event.component,
      address: null,
    },
  });
}

function countOf(value: unknown): number {
  return (
    countAt(value, "series", "count") ?? countAt(value, "count") ?? countAt(value, "deprecatedCount") ?? 1
  );
}

function lastTimeOf({ value, createdAtMs }: KubeObject): number | null {
  return (
    timeAt(value, "series", "lastObservedTime") ??
    timeAt(value, "lastTimestamp") ??
    timeAt(value, "deprecatedLastTimestamp") ??
    timeAt(value, "eventTime") ??
    timeAt(value, "firstTimestamp") ??
    createdAtMs
  );
}
