/** Checks who signed a pack. Pure. */
import { createPublicKey } from "node:crypto";
import { z } from "zod";
import { kidOf, openEnvelope, type PublicKey } from "#db/signing";
import { sameBytes, utf8 } from "#lib/domain/merkle/bytes";
import { type Finding, failed, notProven, proven } from "./finding.ts";
import { FILE, readCanonical, STATEMENT_TYPE, statementText } from "./manifest.ts";
import { type PackFiles, textOf } from "./verify-files.ts";

const Envelope = z.strictObject({
  payloadType: z.string(),
  payload: z.string(),
  signatures: z
    .array(z.strictObject({ keyid: z.string(), sig: z.string() }))
    .min(1)
    .max(16),
});

const KeySet = z.object({ keys: z.array(z.looseObject({})).max(1_000) });

/** The Ed25519 keys of a JWK set; keys of other kinds do not sign packs. `null` for what is no key set. */
export function readKeys(text: string): PublicKey[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const set = KeySet.safeParse(value);
  return set.success ? set.data.keys.flatMap((jwk) => keyOf(jwk) ?? []) : null;
}

/** A key under the name that its own bytes give it, whatever the set calls it. */
function keyOf({ kty, crv, x }: Record<string, unknown>): PublicKey | null {
  if (kty !== "OKP" || crv !== "Ed25519" || typeof x !== "string") return null;
  try {
    const key = createPublicKey({ key: { kty, crv, x }, format: "jwk" });
    const publicKey = key.export({ format: "der", type: "spki" });
    return { kid: kidOf(publicKey), publicKey };
  } catch {
    return null;
  }
}

/** @param given keys that the one who checks knows from elsewhere; `null` = none were given */
export function checkSignature(files: PackFiles, given: readonly PublicKey[] | null): Finding[] {
  const refused = (text: string) => [failed(FILE.envelope, text)];
  const envelope = Envelope.safeParse(
    readCanonical(textOf(files.read(FILE.envelope) ?? new Uint8Array()) ?? ""),
  );
  if (!envelope.success) return refused("This is no signed envelope as packs have it.");
  const { payloadType, payload, signatures } = envelope.data;
  if (![payload, ...signatures.map(({ sig }) => sig)].every(isBase64)) {
    return refused("It holds something that is not base64 as it is written.");
  }
  const enclosed = readKeys(textOf(files.read(FILE.keys) ?? new Uint8Array()) ?? "");
  if (!enclosed) return [failed(FILE.keys, "This is no set of keys.")];
  const known = [...(given ?? []), ...enclosed];
  for (const signature of signatures) {
    const one = { payloadType, payload, signatures: [signature] };
    if (!openEnvelope(one, STATEMENT_TYPE, known)) {
      return refused(`The signature by ${signature.keyid} does not hold, or its key is not known.`);
    }
  }
  const statement = statementText(files.manifest, files.manifestDigest);
  if (!sameBytes(Buffer.from(payload, "base64"), utf8(statement))) {
    return refused("What was signed is not this manifest.");
  }
  const kids = signatures.map(({ keyid }) => keyid).join(", ");
  const signed = proven(
    FILE.envelope,
    `The manifest, and with it every file, was signed with the key ${kids}.`,
  );
  if (!given) {
    const text =
      "The key that signed comes from the pack itself. That shows that the pack is whole, and not who made it.";
    return [signed, notProven("origin", text)];
  }
  return signatures.some(({ keyid }) => given.some(({ kid }) => kid === keyid))
    ? [signed, proven("origin", "The key that signed is one of those that you gave.")]
    : [failed("origin", `It was signed with ${kids}, which is none of the keys that you gave.`)];
}

const isBase64 = (text: string) => Buffer.from(text, "base64").toString("base64") === text;
