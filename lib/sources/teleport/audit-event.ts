/** One event of Teleport's audit log. */
import type { BootstrapEventType } from "#lib/domain/bootstrap-event";
import type { NodeIdentity } from "#lib/domain/verdict";
import { type Draft, draftOf } from "#lib/sources/shared/batch";
import { identitiesOf } from "#lib/sources/shared/identities";
import { type Members, textAt, timeAt, valueAt } from "#lib/sources/shared/members";
import { Refusal } from "#lib/sources/shared/refusal";
import { isIdentityText } from "#lib/sources/shared/text";

/** What a device event does, by its code without the severity letter; others change nothing. */
const DEVICE_EVENTS: Readonly<Record<string, BootstrapEventType>> = {
  TV001: "provisioning.registered",
  TV002: "node.removed",
  TV003: "enrollment.token_issued",
  TV004: "enrollment.credential_issued",
};

/** Read one event; none for what is not about a machine. */
export function readAuditEvent(event: Members, digest: string): readonly Draft[] {
  const name = textAt(event, "event");
  if (name === null) throw new Refusal("claims", "the line names no event");
  const fields = fieldsOf(name, event);
  if (fields === null) return [];
  const uid = textAt(event, "uid");
  return [
    draftOf({
      externalId: uid !== null && isIdentityText(uid) ? uid : digest,
      occurredAtMs: timeAt(event, "time"),
      requestId: uid,
      ...fields,
    }),
  ];
}

type Fields = Pick<Draft, "type" | "outcome"> & Partial<Draft>;

function fieldsOf(name: string, event: Members): Fields | null {
  switch (name) {
    case "instance.join":
      return join(event);
    case "device":
    case "device.create":
    case "device.delete":
    case "device.enroll":
    case "device.token.create":
      return device(event);
    case "lock.created":
      return lock(event);
    case "join_token.create":
      return { type: "enrollment.token_issued", outcome: "success", actor: userOf(event) };
    default:
      return null;
  }
}

function join(event: Members): Fields {
  const succeeded = valueAt(event, "success") === true;
  const hostId = textAt(event, "host_id");
  return {
    type: succeeded ? "enrollment.credential_issued" : "enrollment.failed",
    outcome: succeeded ? "success" : "failure",
    reasonCode: succeeded ? null : "unknown",
    reasonText: succeeded ? null : (textAt(event, "error") ?? textAt(event, "message")),
    method: textAt(event, "method"),
    identities: identitiesOf([...custom(hostId), ["hostname", textAt(event, "node_name")]]),
    displayName: textAt(event, "node_name"),
    actor: { kind: "node", id: hostId, address: textAt(event, "addr.remote") },
  };
}

function device(event: Members): Fields | null {
  const code = /^(TV\d{3})/.exec(textAt(event, "code") ?? "")?.[1] ?? "";
  const type = Object.hasOwn(DEVICE_EVENTS, code) ? DEVICE_EVENTS[code] : undefined;
  if (type === undefined) return null;
  const succeeded = valueAt(event, "status", "success") === true || valueAt(event, "success") === true;
  // What an administrator failed to write down changed nothing about the device.
  if (!succeeded && !type.startsWith("enrollment.")) return null;
  const tag = textAt(event, "device", "asset_tag");
  return {
    type: succeeded ? type : "enrollment.failed",
    outcome: succeeded ? "success" : "failure",
    reasonCode: succeeded ? null : "unknown",
    reasonText: succeeded ? null : (textAt(event, "status", "error") ?? textAt(event, "status", "message")),
    identities: identitiesOf([...custom(textAt(event, "device", "device_id")), ["serial", tag]]),
    displayName: tag,
    actor: userOf(event),
  };
}

/** A lock on a machine; one on a person, a role or a login is no event of a node. */
function lock(event: Members): Fields | null {
  const ids = ["server_id", "node", "device"].flatMap((member) => custom(textAt(event, "target", member)));
  const identities: NodeIdentity[] = identitiesOf(ids);
  if (identities.length === 0) return null;
  return {
    type: "identity.banned",
    outcome: "success",
    reasonText: textAt(event, "message"),
    identities,
    actor: userOf(event),
  };
}

/** Ids that Teleport gives out; the prefix keeps them apart from those of other systems. */
function custom(id: string | null): (readonly ["custom", string])[] {
  return id === null ? [] : [["custom", `teleport/${id}`]];
}

function userOf(event: Members): Draft["actor"] {
  const id = textAt(event, "user") ?? textAt(event, "user", "user");
  return { kind: id === null ? "unknown" : "user", id, address: textAt(event, "addr.remote") };
}
