/** Tailscale: webhooks about the nodes of a tailnet. */
import type { BootstrapEventType, BootstrapOutcome } from "#lib/domain/bootstrap-event";
import type { InterpretContext, Message, Source } from "#lib/sources/contract";
import { type Draft, draftOf, externalIdOf } from "#lib/sources/shared/batch";
import { identitiesOf } from "#lib/sources/shared/identities";
import { isoOf } from "#lib/sources/shared/kube-object";
import { type Members, textAt, timeAt } from "#lib/sources/shared/members";
import { Refusal } from "#lib/sources/shared/refusal";
import { verifyTailscale } from "#lib/sources/shared/webhook-signature";
import { interpretSigned, WEBHOOK_DEFAULTS } from "#lib/sources/shared/webhook-source";

const TYPES: Readonly<Record<string, readonly [BootstrapEventType, BootstrapOutcome]>> = {
  nodeCreated: ["node.registered", "success"],
  nodeNeedsApproval: ["enrollment.requested", "pending"],
  nodeNeedsAuthorization: ["enrollment.requested", "pending"],
  nodeNeedsSignature: ["enrollment.requested", "pending"],
  nodeApproved: ["enrollment.approved", "success"],
  nodeAuthorized: ["enrollment.approved", "success"],
  nodeSigned: ["enrollment.credential_issued", "success"],
  nodeKeyExpired: ["enrollment.credential_expired", "info"],
  nodeDeleted: ["node.removed", "success"],
};

/** Nodes that join, are approved, expire and leave. */
export const tailscaleSource: Source = {
  ...WEBHOOK_DEFAULTS,
  kind: "tailscale",
  label: "Tailscale webhook",
  guide: "connect-tailscale",
  signedHeaders: ["tailscale-webhook-signature"],
  secrets: { format: "text", besidesPublicKeys: false },
  interpret(message: Message, context: InterpretContext) {
    return interpretSigned(
      message,
      context,
      (keys, nowMs) => verifyTailscale(message.body, message.headers, keys, nowMs),
      { redact: (document) => ({ value: document, redactions: [] }), read: readEvent },
    );
  },
};

/** One of the events that a delivery holds; those that are not about a node are ignored. */
function readEvent(event: Members): readonly Draft[] {
  const name = textAt(event, "type");
  if (name === null) throw new Refusal("claims", "the event has no type");
  const meaning = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  if (meaning === undefined) return [];
  const [type, outcome] = meaning;
  const nodeId = textAt(event, "data", "nodeID");
  const deviceName = textAt(event, "data", "deviceName");
  const actor = textAt(event, "data", "actor");
  const occurredAtMs = timeAt(event, "timestamp");
  return [
    draftOf({
      externalId: externalIdOf(name, nodeId ?? deviceName, isoOf(occurredAtMs)),
      type,
      outcome,
      occurredAtMs,
      identities: identitiesOf([
        ["custom", nodeId === null ? null : `tailscale/${nodeId}`],
        ["hostname", deviceName],
      ]),
      displayName: deviceName,
      actor: { kind: actor === null ? "unknown" : "user", id: actor, address: null },
    }),
  ];
}
