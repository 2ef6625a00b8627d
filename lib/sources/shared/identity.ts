/** Which node a token is about, when its format has no standard place to say so. */
import type { IdentityKind, NodeIdentity } from "#lib/domain/verdict";
import { lastSegment, resolvePointer } from "./pointer.ts";
import { Refusal } from "./refusal.ts";
import { isIdentityText } from "./text.ts";

/** A claim that is known to name the device, with the values that it has in one token. */
export type NamingClaim = { kind: IdentityKind; name: string; values: readonly unknown[] };

export type NamingInput = {
  /** CloudEvents `subject`; `null` when the sender names no node. */
  subject: string | null;
  /** Operator's RFC 6901 pointer into the claims; `null` = look in the known places. */
  pointer: string | null;
  payload: unknown;
  /** Known places in order of preference. */
  known: readonly NamingClaim[];
};

/**
 * The node's identity: the subject, else what the operator's pointer leads to, else a claim that is
 * known to name a device. A pointer that leads nowhere is not replaced by a guess.
 *
 * @throws {Refusal} when nothing names the node, two devices are named, or the name is not usable
 */
export function identityOf({ subject, pointer, payload, known }: NamingInput): NodeIdentity {
  if (subject !== null) return usable("custom", subject);
  if (pointer !== null) {
    const value = resolvePointer(payload, pointer);
    if (value === undefined || value === null) throw unknownNode(`nothing stands at ${pointer}`);
    return usable(known.find(({ name }) => name === lastSegment(pointer))?.kind ?? "custom", value);
  }
  for (const { kind, name, values: stated } of known) {
    const values = new Set(stated.filter((value) => value !== undefined && value !== null));
    if (values.size > 1) {
      throw new Refusal("claims", `the token names different devices in ${name}`, "event/identity-conflict");
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
