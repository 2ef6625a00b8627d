/** Machine: from the order for a machine to the node, its health and its end. */
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
import { isMembers, listAt, textAt, timeAt, valueAt } from "#lib/sources/shared/members";
import { meaningOf, type Stage } from "./conditions.ts";

/** Everything that a Machine says about its past. */
export function readMachine(object: KubeObject): readonly Draft[] {
  const { value, uid } = object;
  const common = { ...machineOf(object), standing: true };
  const actor = { kind: "controller", id: "cluster-api", address: null } as const;
  const deletion = (externalId: string, fields: Pick<Draft, "type" | "outcome" | "occurredAtMs">) =>
    draftOf({ ...common, ...fields, actor, externalId: externalIdOf(uid, externalId) });

  if (object.isGone) {
    const occurredAtMs = "receipt";
    return [
      deletion("gone", { type: "provisioning.deprovision_completed", outcome: "success", occurredAtMs }),
    ];
  }
  const stage: Stage = {
    isDeleting: object.deletedAtMs !== null,
    hasNode: textAt(value, "status", "nodeRef", "name") !== null,
    hasInstance: textAt(value, "spec", "providerID") !== null,
  };
  const drafts = [
    deletion("created", {
      type: "provisioning.discovered",
      outcome: "pending",
      occurredAtMs: object.createdAtMs,
    }),
  ];
  for (const condition of machineConditions(object)) {
    const meaning = meaningOf(condition, stage);
    if (meaning === null) continue;
    const [type, outcome, reasonCode = null] = meaning;
    drafts.push(
      draftOf({
        ...common,
        actor,
        externalId: conditionId(object, condition),
        type,
        outcome,
        reasonCode,
        reasonText: outcome === "success" ? null : wordsOf(condition),
        occurredAtMs: condition.changedAtMs,
      }),
    );
  }
  if (object.deletedAtMs !== null) {
    drafts.push(
      deletion("deleting", {
        type: "provisioning.deprovision_started",
        outcome: "pending",
        occurredAtMs: object.deletedAtMs,
      }),
    );
  }
  return drafts;
}

/** Who the machine is. Its names and addresses are noted, and prove nothing. */
function machineOf({ value, uid, name }: KubeObject): Pick<Draft, "identities" | "displayName"> {
  const addresses = listAt(value, "status", "addresses").slice(0, 16);
  return {
    identities: identitiesOf([
      ["machine_uid", uid],
      ["provider_id", textAt(value, "spec", "providerID")],
      ["k8s_node_uid", textAt(value, "status", "nodeRef", "uid")],
      ["system_uuid", textAt(value, "status", "nodeInfo", "systemUUID")],
      ["cloud_instance", textAt(value, "status", "providerStatus", "instanceId")],
      ["k8s_node_name", textAt(value, "status", "nodeRef", "name")],
      ["boot_id", textAt(value, "status", "nodeInfo", "bootID")],
      ...addresses.map((address) => [kindOf(textAt(address, "type")), textAt(address, "address")] as const),
    ]),
    displayName: textAt(value, "status", "nodeRef", "name") ?? name,
  };
}

function kindOf(addressType: string | null): "ip" | "hostname" {
  return addressType === "InternalIP" || addressType === "ExternalIP" ? "ip" : "hostname";
}

/** Conditions of whichever API version served the object, and of OpenShift's provider. */
function machineConditions({ value }: KubeObject): readonly KubeCondition[] {
  const newer = conditionsOf(value, "status", "v1beta2", "conditions");
  const own = newer.length > 0 ? newer : conditionsOf(value, "status", "conditions");
  return [...own, ...conditionsOf(value, "status", "providerStatus", "conditions")];
}

/** Metal3Remediation and other requests to remediate a Machine from outside. */
export function readMetal3Remediation(object: KubeObject): readonly Draft[] {
  const { value, uid } = object;
  const owners = listAt(value, "metadata", "ownerReferences").filter(isMembers);
  const machine = owners.find((owner) => valueAt(owner, "kind") === "Machine");
  const common = {
    identities: identitiesOf([["machine_uid", textAt(machine, "uid")]]),
    displayName: textAt(machine, "name"),
    actor: { kind: "controller", id: "metal3", address: null } as const,
    standing: true,
  };
  const drafts = [
    draftOf({
      ...common,
      externalId: externalIdOf(uid, "created"),
      type: "remediation.external_started",
      outcome: "pending",
      occurredAtMs: object.createdAtMs,
    }),
  ];
  const phase = textAt(value, "status", "phase");
  const lastMs = timeAt(value, "status", "lastRemediated");
  // Giving up is dated by the last try; a remediation that never tried has no time to fail at.
  if (phase === "Failed" && lastMs !== null) {
    drafts.push(
      draftOf({
        ...common,
        externalId: externalIdOf(uid, phase, isoOf(lastMs)),
        type: "remediation.external_failed",
        outcome: "failure",
        reasonCode: "unknown",
        reasonText: "phase Failed",
        occurredAtMs: lastMs,
      }),
    );
  }
  return drafts;
}
