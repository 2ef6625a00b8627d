/** What the conditions of a Machine mean, in API versions v1beta1 and v1beta2. */
import type { BootstrapEventType, BootstrapOutcome, ReasonCode } from "#lib/domain/bootstrap-event";
import type { KubeCondition } from "#lib/sources/shared/kube-object";

/** How far a machine has come; the same condition means different things before and after. */
export type Stage = { isDeleting: boolean; hasNode: boolean; hasInstance: boolean };

export type Meaning = readonly [type: BootstrapEventType, outcome: BootstrapOutcome, code?: ReasonCode];

type Reading = (condition: KubeCondition, stage: Stage) => Meaning | null;

const STARTED: Meaning = ["remediation.external_started", "pending"];
const SUCCEEDED: Meaning = ["remediation.external_succeeded", "success"];
const FAILED: Meaning = ["remediation.external_failed", "failure", "unknown"];
const SICK: Meaning = ["node.health_changed", "failure", "unknown"];
const WELL: Meaning = ["node.health_changed", "success"];

const READINGS: Readonly<Record<string, Reading>> = {
  InfrastructureReady: ({ status, severity }, { hasInstance, hasNode, isDeleting }) => {
    if (isDeleting) return null;
    if (status === "True") return ["provisioning.image_completed", "success"];
    if (hasInstance || hasNode) return SICK;
    return severity === "Error"
      ? ["provisioning.image_failed", "failure", "image_failed"]
      : ["provisioning.image_started", "pending"];
  },
  // OpenShift, in the provider's status.
  MachineCreation: ({ status }) =>
    status === "False" ? ["provisioning.image_failed", "failure", "image_failed"] : null,
  NodeReady: ({ status }, { hasNode }) => {
    if (status === "True") return ["node.ready", "success"];
    return hasNode ? ["node.not_ready", "failure", status === "Unknown" ? "timeout" : "unknown"] : null;
  },
  NodeHealthy: ({ status }, { hasNode }) => {
    if (status === "True") return WELL;
    return hasNode ? SICK : null;
  },
  HealthCheckSucceeded: ({ status, reason }) => {
    if (status === "True") return WELL;
    if (status !== "False") return null;
    if (reason === "NodeStartupTimeout") return ["enrollment.failed", "failure", "timeout"];
    // A person asked for it; `OwnerRemediated` says what came of that.
    if (reason === "HasRemediateAnnotation" || reason === "HasRemediateMachineAnnotation") return null;
    return SICK;
  },
  OwnerRemediated: remediation,
  ExternallyRemediated: remediation,
  ExternalRemediationRequestAvailable: ({ status }) => (status === "True" ? STARTED : FAILED),
  ExternalRemediationTemplateAvailable: ({ status }) => (status === "False" ? FAILED : null),
  DrainingSucceeded: ({ status, severity, message }) => {
    if (status === "True") return ["node.drained", "success"];
    return status === "False" && severity !== null && severity !== "Info"
      ? ["node.drained", "failure", drainReason(message)]
      : null;
  },
  Deleting: ({ status, reason }) =>
    status === "True" && reason === "InternalError"
      ? ["provisioning.deprovision_failed", "failure", "upstream_error"]
      : null,
};

function remediation({ status, reason }: KubeCondition): Meaning | null {
  if (status === "True") return SUCCEEDED;
  if (status !== "False") return null;
  switch (reason) {
    case "WaitingForRemediation":
      return STARTED;
    case "CannotBeRemediated":
    case "RemediationDeferred":
      return ["remediation.external_blocked", "denied", "quorum_guard"];
    default:
      return FAILED;
  }
}

/** Why a drain failed, by the eviction API's own words. */
export function drainReason(message: string | null): ReasonCode {
  return /disruption budget/i.test(message ?? "") ? "drain_blocked_pdb" : "unknown";
}

/** What a condition means; `null` when it says nothing about the machine's past. */
export function meaningOf(condition: KubeCondition, stage: Stage): Meaning | null {
  const reading = Object.hasOwn(READINGS, condition.type) ? READINGS[condition.type] : undefined;
  return reading?.(condition, stage) ?? null;
}
