/** A shared secret as an operator writes it down, turned into the bytes that messages are signed with. */
import { ProblemError } from "#lib/domain/problems";
import type { SecretFormat } from "#lib/sources/contract";

/** The least that Standard Webhooks allows; a shorter one could be found by trying. */
const MIN_BYTES = 24;
const MAX_BYTES = 512;

/** Names that other kinds of keys begin with, so that none is taken for a secret. */
const PUBLIC_PREFIX = /^(whpk_|-----BEGIN |ssh-|\{|ey[JK])/;
const PRIVATE_PREFIX = /^whsk_/;

/**
 * Read a secret. What is wrong is said without a word of the secret.
 *
 * @throws {ProblemError} `request/invalid` with a pointer to the secret
 */
export function readSecret(text: string, format: SecretFormat, pointer: string): Buffer {
  const refuse = (detail: string): ProblemError =>
    new ProblemError("request/invalid", `${pointer}: ${detail}`, { pointers: [{ pointer, detail }] });
  if (PUBLIC_PREFIX.test(text)) throw refuse("This is a key or a document, not a shared secret.");
  if (PRIVATE_PREFIX.test(text)) throw refuse("This is the sender's private key. Register its public key.");
  if (!/^[!-~]+$/.test(text)) throw refuse("A secret is printable ASCII without white space.");
  const bytes = format === "text" ? Buffer.from(text, "utf8") : fromBase64(text, format);
  if (!bytes) throw refuse("This is not base64, which secrets of this kind are written in.");
  if (bytes.byteLength < MIN_BYTES) throw refuse(`A secret needs ${MIN_BYTES} bytes or more.`);
  if (bytes.byteLength > MAX_BYTES) throw refuse(`A secret has ${MAX_BYTES} bytes at most.`);
  return bytes;
}

function fromBase64(text: string, format: SecretFormat): Buffer | null {
  const digits = format === "whsec" ? text.replace(/^whsec_/, "") : text;
  const bytes = Buffer.from(digits, "base64");
  const written = bytes.toString("base64");
  return digits === written || digits === written.replace(/=+$/, "") ? bytes : null;
}
