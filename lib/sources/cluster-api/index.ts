/** Cluster API (and OpenShift's Machine API): machines, their health checks and their events. */
import type { Source } from "#lib/sources/contract";
import { type Draft, draftOf } from "#lib/sources/shared/batch";
import { identitiesOf } from "#lib/sources/shared/identities";
import { type EventMeaning, eventDraft, kubeEventOf } from "#lib/sources/shared/kube-event";
import {
  conditionId,
  conditionsOf,
  type KubeObject,
  kubeSource,
  wordsOf,
} from "#lib/sources/shared/kube-object";
import { drainReason } from "./conditions.ts";
import { readMachine, readMetal3Remediation } from "./machine.ts";

/** Machines from order to deletion, and what the health checks do to them. */
export const clusterApiSource: Source = kubeSource({
  kind: "cluster-api",
  label: "Cluster API machines",
  guide: "connect-cluster-api",
  readers: {
    "cluster.x-k8s.io/Machine": readMachine,
    "machine.openshift.io/Machine": readMachine,
    "cluster.x-k8s.io/MachineHealthCheck": readMachineHealthCheck,
    "machine.openshift.io/MachineHealthCheck": readMachineHealthCheck,
    "infrastructure.cluster.x-k8s.io/Metal3Remediation": readMetal3Remediation,
    "/Event": readMachineEvent,
    "events.k8s.io/Event": readMachineEvent,
  },
});

/** A health check that sees too many unhealthy machines stops remediating: its fuse has blown. */
function readMachineHealthCheck(object: KubeObject): readonly Draft[] {
  return conditionsOf(object.value, "status", "conditions")
    .filter(({ type, status }) => type === "RemediationAllowed" && status === "False")
    .map((condition) =>
      draftOf({
        externalId: conditionId(object, condition),
        type: "remediation.external_blocked",
        outcome: "denied",
        reasonCode: condition.reason === "TooManyUnhealthy" ? "fuse_blown" : "unknown",
        reasonText: wordsOf(condition),
        occurredAtMs: condition.changedAtMs,
        actor: { kind: "controller", id: object.name, address: null },
        standing: true,
      }),
    );
}

const REASONS: Readonly<Record<string, EventMeaning>> = {
  SuccessfulSetNodeRef: ["node.registered", "success"],
  SuccessfulDrainNode: ["node.drained", "success"],
  FailedDrainNode: ["node.drained", "failure", drainReason],
  MachineMarkedUnhealthy: ["remediation.external_started", "pending"],
  RemediationRestricted: ["remediation.external_blocked", "denied", "fuse_blown"],
};

/** Events about machines and their health checks; those about anything else are ignored. */
function readMachineEvent(object: KubeObject): readonly Draft[] {
  const event = kubeEventOf(object);
  if (event === null || !Object.hasOwn(REASONS, event.reason)) return [];
  const meaning = REASONS[event.reason];
  if (meaning === undefined) return [];
  if (event.about === "MachineHealthCheck")
    return [eventDraft(object, { ...event, name: null }, meaning, [])];
  if (event.about !== "Machine") return [];
  return [eventDraft(object, event, meaning, identitiesOf([["machine_uid", event.uid]]))];
}
