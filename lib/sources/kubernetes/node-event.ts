/** Kubernetes Events about nodes, and about the remediation of nodes by medik8s. */
import type { NodeIdentity } from "#lib/domain/verdict";
import type { Draft } from "#lib/sources/shared/batch";
import { identitiesOf } from "#lib/sources/shared/identities";
import { type EventMeaning, eventDraft, type KubeEvent, kubeEventOf } from "#lib/sources/shared/kube-event";
import type { KubeObject } from "#lib/sources/shared/kube-object";

const NODE_REASONS: Readonly<Record<string, EventMeaning>> = {
  RegisteredNode: ["node.registered", "success"],
  RemovingNode: ["node.removed", "success"],
  DeletingNode: ["node.removed", "success"],
  NodeReady: ["node.ready", "success"],
  NodeNotReady: ["node.not_ready", "failure", "unknown"],
  Rebooted: ["node.rebooted", "info"],
  NodeSchedulable: ["node.uncordoned", "info"],
  NodeNotSchedulable: ["node.cordoned", "info"],
  KubeletSetupFailed: ["node.health_changed", "failure", "unknown"],
  InvalidDiskCapacity: ["node.health_changed", "info"],
  NodeHasInsufficientMemory: ["node.health_changed", "failure", "unknown"],
  NodeHasDiskPressure: ["node.health_changed", "failure", "unknown"],
  NodeHasInsufficientPID: ["node.health_changed", "failure", "unknown"],
};

const REMEDIATION_REASONS: Readonly<Record<string, EventMeaning>> = {
  RemediationCreated: ["remediation.external_started", "pending"],
  RemediationStarted: ["remediation.external_started", "pending"],
  RemediationFinished: ["remediation.external_succeeded", "success"],
  RemediationRemoved: ["remediation.external_succeeded", "success"],
  RemediationStopped: ["remediation.external_failed", "failure", "unknown"],
  RemediationCannotStart: ["remediation.external_failed", "failure", "unknown"],
  NoTemplateLeft: ["remediation.external_failed", "failure", "unknown"],
  RemediationSkipped: ["remediation.external_blocked", "denied", "quorum_guard"],
};

/** Kinds whose Events tell of a remediation; none of them is a node. */
const REMEDIATORS =
  /^(NodeHealthCheck|SelfNodeRemediation|FenceAgentsRemediation|MachineDeletionRemediation|StorageBasedRemediation)$/;

/** Reporters of the node problem detector, which names its reasons freely. */
const DETECTORS = /(-monitor|-health-checker|^health-checker|node-problem-detector)$/;

/** Events about nodes; those about anything else are ignored. */
export function readNodeEvent(object: KubeObject): readonly Draft[] {
  const event = kubeEventOf(object);
  if (event === null) return [];
  if (REMEDIATORS.test(event.about)) {
    const meaning = own(REMEDIATION_REASONS, event.reason);
    return meaning === undefined ? [] : [eventDraft(object, { ...event, name: null }, meaning, [])];
  }
  if (event.about !== "Node") return [];
  const meaning = own(NODE_REASONS, event.reason) ?? problemOf(event);
  return meaning === undefined ? [] : [eventDraft(object, event, meaning, nodeOf(event))];
}

function own(table: Readonly<Record<string, EventMeaning>>, reason: string): EventMeaning | undefined {
  return Object.hasOwn(table, reason) ? table[reason] : undefined;
}

function problemOf({ isWarning, component }: KubeEvent): EventMeaning | undefined {
  return isWarning && DETECTORS.test(component ?? "")
    ? ["node.health_changed", "failure", "unknown"]
    : undefined;
}

/** The kubelet gives its node's name in the place of the UID; such a value is no UUID and left out. */
function nodeOf({ uid, name, reason, message }: KubeEvent): NodeIdentity[] {
  const boot = reason === "Rebooted" ? /boot id: ([0-9a-f-]{36})\b/i.exec(message ?? "")?.[1] : undefined;
  return identitiesOf([
    ["k8s_node_uid", uid],
    ["k8s_node_name", name],
    ["boot_id", boot ?? null],
  ]);
}
