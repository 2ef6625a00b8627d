/** Tinkerbell: workflows, and what was done to machines through their management controllers. */
import type { Source } from "#lib/sources/contract";
import { type Draft, draftOf, externalIdOf } from "#lib/sources/shared/batch";
import { conditionsOf, type KubeObject, kubeSource } from "#lib/sources/shared/kube-object";
import { timeAt } from "#lib/sources/shared/members";
import { readWorkflow } from "./workflow.ts";

/** Provisioning runs: started, completed, failed, timed out. */
export const tinkerbellSource: Source = kubeSource({
  kind: "tinkerbell",
  label: "Tinkerbell workflows",
  guide: "connect-tinkerbell",
  readers: {
    "tinkerbell.org/Workflow": readWorkflow,
    "bmc.tinkerbell.org/Task": readBmcTask,
  },
  // Environments and commands of actions carry passwords, keys and registry credentials.
  redactions: [
    ["spec", "globals"],
    ["spec", "hardwareMap"],
    ["spec", "tasks", "*", "extra"],
    ["status", "tasks", "*", "environment"],
    ["status", "tasks", "*", "actions", "*", "environment"],
    ["status", "tasks", "*", "actions", "*", "command"],
    ["spec", "connection"],
  ],
});

/** One command to a machine's management controller. It names the controller, not the node. */
function readBmcTask(object: KubeObject): readonly Draft[] {
  const { value, uid } = object;
  const common = {
    actor: { kind: "controller", id: "tinkerbell", address: null } as const,
    requestId: object.name,
    standing: true,
  };
  const startedAtMs = timeAt(value, "status", "startTime");
  const drafts: Draft[] = [];
  if (startedAtMs !== null) {
    drafts.push(
      draftOf({
        ...common,
        externalId: externalIdOf(uid, "started"),
        type: "remediation.external_started",
        outcome: "pending",
        occurredAtMs: startedAtMs,
      }),
    );
  }
  const conditions = conditionsOf(value, "status", "conditions").filter(({ status }) => status === "True");
  const failed = conditions.find(({ type }) => type === "Failed");
  if (failed !== undefined) {
    drafts.push(
      draftOf({
        ...common,
        externalId: externalIdOf(uid, "Failed"),
        type: "remediation.external_failed",
        outcome: "failure",
        reasonCode: "power_failed",
        reasonText: failed.message,
        occurredAtMs: timeAt(value, "status", "completionTime") ?? failed.changedAtMs ?? startedAtMs,
      }),
    );
  } else if (conditions.some(({ type }) => type === "Completed")) {
    drafts.push(
      draftOf({
        ...common,
        externalId: externalIdOf(uid, "Completed"),
        type: "remediation.external_succeeded",
        outcome: "success",
        occurredAtMs: timeAt(value, "status", "completionTime"),
      }),
    );
  }
  return drafts;
}
