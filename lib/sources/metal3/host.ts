/** BareMetalHost: the operations that a host went through, with the times they took. */
import type { BootstrapEventType, ReasonCode } from "#lib/domain/bootstrap-event";
import type { NodeIdentity } from "#lib/domain/verdict";
import { type Draft, draftOf, externalIdOf } from "#lib/sources/shared/batch";
import { identitiesOf } from "#lib/sources/shared/identities";
import { isoOf, type KubeObject } from "#lib/sources/shared/kube-object";
import { countAt, listAt, textAt, timeAt } from "#lib/sources/shared/members";

type Operation = {
  name: "register" | "inspect" | "provision" | "deprovision";
  start: BootstrapEventType | null;
  end: BootstrapEventType;
};

const OPERATIONS: readonly Operation[] = [
  { name: "register", start: null, end: "provisioning.registered" },
  { name: "inspect", start: "provisioning.inspection_started", end: "provisioning.inspection_completed" },
  { name: "provision", start: "provisioning.image_started", end: "provisioning.image_completed" },
  {
    name: "deprovision",
    start: "provisioning.deprovision_started",
    end: "provisioning.deprovision_completed",
  },
];

const ACTOR = { kind: "controller", id: "baremetal-operator", address: null } as const;

/** Id of a host by its object's UID: stable for the hardware as long as it is in the inventory. */
export function hostId(uid: string | null): string | null {
  return uid === null ? null : `metal3/${uid}`;
}

/** Everything that a host says about its past. */
export function readHost(object: KubeObject): readonly Draft[] {
  const { uid, createdAtMs, deletedAtMs } = object;
  const common = {
    identities: identitiesOfHost(object),
    displayName: object.name,
    actor: ACTOR,
    standing: true,
  };
  if (object.isGone) {
    return [
      draftOf({
        ...common,
        externalId: externalIdOf(uid, "gone"),
        type: "node.removed",
        outcome: "success",
        occurredAtMs: deletedAtMs ?? "receipt",
      }),
    ];
  }
  const discovered = draftOf({
    ...common,
    externalId: externalIdOf(uid, "created"),
    type: "provisioning.discovered",
    outcome: "info",
    occurredAtMs: createdAtMs,
  });
  const operations = OPERATIONS.flatMap(({ name, start, end }) => {
    const { startMs, endMs } = timesOf(object, name);
    const drafts: Draft[] = [];
    if (startMs !== null && start !== null) {
      drafts.push(
        draftOf({
          ...common,
          externalId: externalIdOf(uid, name, isoOf(startMs), "start"),
          type: start,
          outcome: "pending",
          occurredAtMs: startMs,
        }),
      );
    }
    if (startMs !== null && endMs !== null && endMs >= startMs && !isAborted(object, name, endMs)) {
      drafts.push(
        draftOf({
          ...common,
          externalId: externalIdOf(uid, name, isoOf(startMs), "end"),
          type: end,
          outcome: "success",
          occurredAtMs: endMs,
        }),
      );
    }
    return drafts;
  });
  const failure = failureOf(object);
  return [discovered, ...operations, ...(failure === null ? [] : [draftOf({ ...common, ...failure })])];
}

function timesOf({ value }: KubeObject, name: string): { startMs: number | null; endMs: number | null } {
  const path = ["status", "operationHistory", name] as const;
  return { startMs: timeAt(value, ...path, "start"), endMs: timeAt(value, ...path, "end") };
}

/**
 * Whether an operation ended without being done: provisioning that turned into deprovisioning in
 * the same moment has failed or was cancelled, and what ends after deletion was asked for is cut off.
 */
function isAborted(object: KubeObject, name: Operation["name"], endMs: number): boolean {
  if (name === "provision" && timesOf(object, "deprovision").startMs === endMs) return true;
  return name !== "deprovision" && object.deletedAtMs !== null && endMs >= object.deletedAtMs;
}

type Failure = readonly [type: BootstrapEventType, code: ReasonCode];

const FAILURES: Readonly<Record<string, Failure>> = {
  "provisioned registration error": ["node.health_changed", "bmc_unreachable"],
  "registration error": ["node.health_changed", "bmc_unreachable"],
  "inspection error": ["provisioning.inspection_failed", "inspection_failed"],
  "preparation error": ["node.health_changed", "unknown"],
  "provisioning error": ["provisioning.image_failed", "image_failed"],
  "power management error": ["node.health_changed", "power_failed"],
};

/** The failure that a host is in now; a new try is a new failure. */
function failureOf({ value, uid }: KubeObject): Parameters<typeof draftOf>[0] | null {
  const errorType = textAt(value, "status", "errorType");
  if (errorType === null) return null;
  const [type, reasonCode] = failureNamed(errorType, textAt(value, "status", "provisioning", "state"));
  const occurredAtMs = timeAt(value, "status", "lastUpdated");
  return {
    externalId: externalIdOf(uid, errorType, countAt(value, "status", "errorCount"), isoOf(occurredAtMs)),
    type,
    outcome: "failure",
    reasonCode,
    reasonText: textAt(value, "status", "errorMessage") ?? errorType,
    occurredAtMs,
  };
}

function failureNamed(errorType: string, state: string | null): Failure {
  if (errorType === "provisioning error" && state === "deprovisioning") {
    return ["provisioning.deprovision_failed", "wipe_failed"];
  }
  const known = Object.hasOwn(FAILURES, errorType) ? FAILURES[errorType] : undefined;
  return known ?? ["node.health_changed", "unknown"];
}

function identitiesOfHost({ value, uid }: KubeObject): NodeIdentity[] {
  const nics = listAt(value, "status", "hardware", "nics").slice(0, 8);
  return identitiesOf([
    ["custom", hostId(uid)],
    ["serial", textAt(value, "status", "hardware", "systemVendor", "serialNumber")],
    ["hostname", textAt(value, "status", "hardware", "hostname")],
    ["mac", textAt(value, "spec", "bootMACAddress")],
    ...nics.flatMap((nic) => [["mac", textAt(nic, "mac")] as const, ["ip", textAt(nic, "ip")] as const]),
  ]);
}
