/** Which node an EAR is about. The format has no standard place for it. */
import type { IdentityKind, NodeIdentity } from "#lib/domain/verdict";
import { lastSegment, resolvePointer } from "#lib/sources/shared/pointer";
import { Refusal } from "#lib/sources/shared/refusal";
import { isIdentityText } from "#lib/sources/shared/text";
import type { EarSubmod } from "./claims.ts";

/** Claims in annotated evidence that name the device, in order of preference. */
const NAMING_CLAIMS: readonly { kind: IdentityKind; name: string; pointers: readonly string[] }[] = [
  { kind: "psa_instance", name: "psa-instance-id", pointers: ["/psa-instance-id"] },
  {
    kind: "cca_platform_instance",
    name: "cca-platform-instance-id",
    pointers: ["/cca-platform-instance-id", "/cca/platform/cca-platform-instance-id"],
  },
  { kind: "ueid", name: "ueid", pointers: ["/ueid"] },
  { kind: "custom", name: "node-id", pointers: ["/node-id"] },
];

export type NamingInput = {
  /** CloudEvents `subject`; `null` when the sender names no node. */
  subject: string | null;
  /** Operator's pointer into the claims; `null` = look in the known places. */
  pointer: string | null;
  payload: unknown;
  submods: readonly EarSubmod[];
};

/**
 * The node's identity: the subject, else what the operator's pointer leads to, else a claim that is
 * known to name a device. A pointer that leads nowhere is not replaced by a guess.
 *
 * @throws {Refusal} when nothing names the node, two devices are named, or the name is not usable
 */
export function identityOf({ subject, pointer, payload, submods }: NamingInput): NodeIdentity {
  if (subject !== null) return usable("custom", subject);
  if (pointer !== null) {
    const value = resolvePointer(payload, pointer);
    if (value === undefined || value === null) throw unknownNode(`nothing stands at ${pointer}`);
    const known = NAMING_CLAIMS.find(({ name }) => name === lastSegment(pointer));
    return usable(known?.kind ?? "custom", value);
  }
  for (const { kind, name, pointers } of NAMING_CLAIMS) {
    const values = new Set(
      submods
        .flatMap(({ annotatedEvidence }) => pointers.map((at) => resolvePointer(annotatedEvidence, at)))
        .filter((value) => value !== undefined && value !== null),
    );
    if (values.size > 1) {
      throw new Refusal("claims", `submodules name different devices in ${name}`, "event/identity-conflict");
    }
    for (const value of values) return usable(kind, value);
  }
  throw unknownNode("no subject was sent, and no known claim names a device");
}

function usable(kind: IdentityKind, value: unknown): NodeIdentity {
  const text = Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== "string" || !isIdentityText(text)) {
    throw new Refusal("claims", "the node id is not a text of 1 to 256 printable characters");
  }
  return { kind, value: text };
}

function unknownNode(detail: string): Refusal {
  return new Refusal("claims", detail, "event/unknown-node");
}
