/** Node objects: registration, readiness, health, taints. */
import type { ReasonCode } from "#lib/domain/bootstrap-event";
import { type Draft, draftOf, externalIdOf } from "#lib/sources/shared/batch";
import { identitiesOf } from "#lib/sources/shared/identities";
import {
  conditionId,
  conditionsOf,
  isoOf,
  type KubeCondition,
  type KubeObject,
  wordsOf,
} from "#lib/sources/shared/kube-object";
import { listAt, textAt, timeAt } from "#lib/sources/shared/members";

/** Conditions that are good news when they are false: the kubelet's and the node problem detector's. */
const PROBLEMS: ReadonlySet<string> = new Set([
  "MemoryPressure",
  "DiskPressure",
  "PIDPressure",
  "NetworkUnavailable",
  "KernelDeadlock",
  "ReadonlyFilesystem",
  "XfsShutdown",
  "CperHardwareErrorFatal",
  "CorruptDockerOverlay2",
  "FrequentKubeletRestart",
  "FrequentDockerRestart",
  "FrequentContainerdRestart",
  "FrequentUnregisterNetDevice",
  "KubeletUnhealthy",
  "ContainerRuntimeUnhealthy",
]);

/** Taints that only repeat a condition. */
const ECHOES =
  /^node\.kubernetes\.io\/(not-ready|unreachable|memory-pressure|disk-pressure|pid-pressure|network-unavailable)$/;

/** Everything that a Node says about its past, and that it is gone. */
export function readNode(object: KubeObject): readonly Draft[] {
  const { value, uid, createdAtMs } = object;
  const common = {
    identities: identitiesOf([
      ["k8s_node_uid", uid],
      ["provider_id", textAt(value, "spec", "providerID")],
      ["system_uuid", textAt(value, "status", "nodeInfo", "systemUUID")],
      ["k8s_node_name", object.name],
      ["boot_id", textAt(value, "status", "nodeInfo", "bootID")],
      ...addressesOf(value),
    ]),
    displayName: object.name,
    standing: true,
  };
  const controller = { kind: "controller", id: null, address: null } as const;
  if (object.isGone) {
    return [
      draftOf({
        ...common,
        externalId: externalIdOf(uid, "removed"),
        type: "node.removed",
        outcome: "success",
        occurredAtMs: object.deletedAtMs ?? "receipt",
      }),
    ];
  }
  const registered = draftOf({
    ...common,
    externalId: externalIdOf(uid, "created"),
    type: "node.registered",
    outcome: "success",
    occurredAtMs: createdAtMs,
  });
  const conditions = conditionsOf(value, "status", "conditions")
    .filter((condition) => isNews(condition, createdAtMs))
    .map((condition) =>
      draftOf({
        ...common,
        ...meaningOf(condition),
        externalId: conditionId(object, condition),
        occurredAtMs: condition.changedAtMs,
        actor: { ...controller, kind: condition.status === "Unknown" ? "controller" : "node" },
      }),
    );
  const taints = listAt(value, "spec", "taints").flatMap((taint): Draft[] => {
    const [key, effect] = [textAt(taint, "key"), textAt(taint, "effect")];
    const addedAtMs = timeAt(taint, "timeAdded");
    // Only some taints say since when; the others have no place on a timeline.
    if (key === null || addedAtMs === null || ECHOES.test(key)) return [];
    const setting = textAt(taint, "value");
    return [
      draftOf({
        ...common,
        externalId: externalIdOf(uid, "taint", key, effect, isoOf(addedAtMs)),
        type: key === "node.kubernetes.io/unschedulable" ? "node.cordoned" : "node.tainted",
        outcome: "info",
        reasonText: `${key}${setting === null ? "" : `=${setting}`}:${effect ?? ""}`,
        occurredAtMs: addedAtMs,
        actor: controller,
      }),
    ];
  });
  return [registered, ...conditions, ...taints];
}

/** What has been well since the node registered is no event; what was never reported is none either. */
function isNews({ type, status, changedAtMs }: KubeCondition, createdAtMs: number | null): boolean {
  if (type === "Ready" || !PROBLEMS.has(type) || status !== "False") return true;
  return changedAtMs === null || createdAtMs === null || changedAtMs > createdAtMs;
}

function meaningOf(condition: KubeCondition): Pick<Draft, "type" | "outcome" | "reasonCode" | "reasonText"> {
  const { type, status } = condition;
  const words = wordsOf(condition);
  const silent: ReasonCode = status === "Unknown" ? "timeout" : "unknown";
  if (type === "Ready") {
    return status === "True"
      ? { type: "node.ready", outcome: "success", reasonCode: null, reasonText: null }
      : { type: "node.not_ready", outcome: "failure", reasonCode: silent, reasonText: words };
  }
  const reasonText = words === null ? `${type} is ${status}` : `${type} is ${status}: ${words}`;
  const type_ = "node.health_changed";
  if (status === "Unknown") return { type: type_, outcome: "failure", reasonCode: silent, reasonText };
  // Whether a condition of somebody else's is good or bad news does not show.
  if (!PROBLEMS.has(type)) return { type: type_, outcome: "info", reasonCode: null, reasonText };
  return status === "True"
    ? { type: type_, outcome: "failure", reasonCode: "unknown", reasonText }
    : { type: type_, outcome: "success", reasonCode: null, reasonText };
}

function addressesOf(value: unknown): ["hostname" | "ip", string | null][] {
  return listAt(value, "status", "addresses")
    .slice(0, 16)
    .flatMap((address): ["hostname" | "ip", string | null][] => {
      const [type, text] = [textAt(address, "type"), textAt(address, "address")];
      if (type === "Hostname" || type === "InternalDNS") return [["hostname", text]];
      return type === "InternalIP" || type === "ExternalIP" ? [["ip", text]] : [];
    });
}
