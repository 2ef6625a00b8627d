/** Metal3: bare-metal hosts, their firmware and their events. */
import type { Source } from "#lib/sources/contract";
import { type Draft, draftOf, externalIdOf } from "#lib/sources/shared/batch";
import { identitiesOf } from "#lib/sources/shared/identities";
import { type EventMeaning, eventDraft, kubeEventOf } from "#lib/sources/shared/kube-event";
import { isoOf, type KubeObject, kubeSource, ownerUid } from "#lib/sources/shared/kube-object";
import { listAt, textAt, timeAt } from "#lib/sources/shared/members";
import { hostId, readHost } from "./host.ts";

/** What happened to the hardware: found, inspected, imaged, wiped. */
export const metal3Source: Source = kubeSource({
  kind: "metal3",
  label: "Metal3 bare-metal hosts",
  guide: "connect-metal3",
  readers: {
    "metal3.io/BareMetalHost": readHost,
    "metal3.io/HostFirmwareComponents": readFirmware,
    "/Event": readHostEvent,
    "events.k8s.io/Event": readHostEvent,
  },
  redactions: [
    // An address may carry a user and a password.
    ["spec", "bmc", "address"],
    ["metadata", "annotations", "baremetalhost.metal3.io/status"],
  ],
});

/** Firmware that was flashed: the hardware is no longer what was inspected. */
function readFirmware(object: KubeObject): readonly Draft[] {
  const owner = ownerUid(object, "BareMetalHost");
  return listAt(object.value, "status", "components").flatMap((entry): Draft[] => {
    const component = textAt(entry, "component");
    const version = textAt(entry, "lastVersionFlashed");
    const updatedAtMs = timeAt(entry, "updatedAt");
    if (component === null || version === null || updatedAtMs === null) return [];
    return [
      draftOf({
        externalId: externalIdOf(object.uid, component, isoOf(updatedAtMs)),
        type: "provisioning.hardware_changed",
        outcome: "info",
        reasonText: `${component} ${textAt(entry, "initialVersion") ?? "?"} → ${version}`,
        occurredAtMs: updatedAtMs,
        identities: identitiesOf([["custom", hostId(owner)]]),
        displayName: object.name,
        standing: true,
      }),
    ];
  });
}

const REASONS: Readonly<Record<string, EventMeaning>> = {
  Discovered: ["provisioning.discovered", "info"],
  Registered: ["provisioning.registered", "success"],
  BMCAccessValidated: ["provisioning.registered", "success"],
  BMCCredentialError: ["node.health_changed", "failure", "bmc_unreachable"],
  RegistrationError: ["node.health_changed", "failure", "bmc_unreachable"],
  InspectionStarted: ["provisioning.inspection_started", "pending"],
  InspectionComplete: ["provisioning.inspection_completed", "success"],
  InspectionError: ["provisioning.inspection_failed", "failure", "inspection_failed"],
  ProvisioningStarted: ["provisioning.image_started", "pending"],
  ProvisioningComplete: ["provisioning.image_completed", "success"],
  ProvisioningError: ["provisioning.image_failed", "failure", "image_failed"],
  DeprovisioningStarted: ["provisioning.deprovision_started", "pending"],
  DeprovisioningComplete: ["provisioning.deprovision_completed", "success"],
  DeprovisioningError: ["provisioning.deprovision_failed", "failure", "wipe_failed"],
  // A host that has power is not ready yet; one without power surely is not.
  PowerOn: ["node.health_changed", "info"],
  PowerOff: ["node.not_ready", "info"],
  PowerManagementError: ["node.health_changed", "failure", "power_failed"],
};

/** Events about hosts; those about anything else are ignored. */
function readHostEvent(object: KubeObject): readonly Draft[] {
  const event = kubeEventOf(object);
  if (event?.about !== "BareMetalHost" || !Object.hasOwn(REASONS, event.reason)) return [];
  const meaning = REASONS[event.reason];
  if (meaning === undefined) return [];
  return [eventDraft(object, event, meaning, identitiesOf([["custom", hostId(event.uid)]]))];
}
