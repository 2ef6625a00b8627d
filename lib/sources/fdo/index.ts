/** FIDO Device Onboard: what the owner service answers to `GET /api/v1/owner/devices`. */
import { BOOTSTRAP_EVENT_TYPE, type Source } from "#lib/sources/contract";
import { type Draft, draftOf, externalIdOf, interpretDocuments } from "#lib/sources/shared/batch";
import { identitiesOf } from "#lib/sources/shared/identities";
import { isoOf } from "#lib/sources/shared/kube-object";
import { type Members, textAt, timeAt, valueAt } from "#lib/sources/shared/members";
import { Refusal } from "#lib/sources/shared/refusal";

const MINUTE_MS = 60_000;
const YEAR_MS = 365 * 24 * 60 * MINUTE_MS;
/** 128 bits, with or without hyphens. */
const GUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** Devices that are known and devices that were onboarded; the service tells of no failures. */
export const fdoSource: Source = {
  kind: "fdo",
  label: "FDO owner service",
  guide: "connect-fdo",
  eventTypes: [BOOTSTRAP_EVENT_TYPE],
  unsignedAllowed: true,
  defaults: {
    nodeIdPointer: null,
    acceptPastMs: YEAR_MS,
    acceptFutureMs: 5 * MINUTE_MS,
    staleAfterMs: null,
  },
  interpret: (message, context) =>
    interpretDocuments(message, context, {
      redact: (document) => ({ value: document, redactions: [] }),
      read: readDevice,
    }),
};

/** Onboarding gives a device a new GUID; both name the same device. */
function readDevice(device: Members): readonly Draft[] {
  const guid = guidAt(device, "guid");
  if (guid === null) throw new Refusal("claims", "the device has no GUID");
  const oldGuid = guidAt(device, "old_guid");
  const common = {
    identities: identitiesOf([
      ["custom", `fdo/${guid}`],
      ["custom", oldGuid === null ? null : `fdo/${oldGuid}`],
    ]),
    displayName: textAt(device, "device_info"),
    standing: true,
  };
  const drafts = [
    draftOf({
      ...common,
      externalId: externalIdOf(oldGuid ?? guid, "created"),
      type: "provisioning.discovered",
      outcome: "info",
      occurredAtMs: timeAt(device, "created_at"),
    }),
  ];
  if (valueAt(device, "to2_completed") !== true) return drafts;
  const completedAtMs = timeAt(device, "to2_completed_at");
  drafts.push(
    draftOf({
      ...common,
      externalId: externalIdOf(guid, "to2", isoOf(completedAtMs)),
      type: "enrollment.credential_issued",
      outcome: "success",
      method: "fdo_to2",
      occurredAtMs: completedAtMs,
      actor: { kind: "node", id: guid, address: null },
    }),
  );
  return drafts;
}

/** A GUID in one spelling: implementations differ in hyphens and case. */
function guidAt(device: Members, name: string): string | null {
  const guid = textAt(device, name);
  return guid !== null && GUID.test(guid) ? guid.replaceAll("-", "").toLowerCase() : null;
}
