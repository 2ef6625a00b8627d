/**
 * Signed notes of C2SP (signed-note v1): text, an empty line, and signatures that name their key.
 *
 * Signing and verifying are arguments. A key is told by its text form, the vkey `name+id+base64(type ‖ public key)`.
 */
import { fromBase64, joined, sameBytes, toBase64, toHex, utf8 } from "./bytes.ts";
import type { Hash } from "./tree.ts";

/** Ed25519 over the note's text, and a witness's Ed25519 cosignature with its time. */
export const SIGNATURE_TYPE = { ed25519: 0x01, cosignature: 0x04 } as const;
export type SignatureType = (typeof SIGNATURE_TYPE)[keyof typeof SIGNATURE_TYPE];

/** Ed25519: 32 bytes of key, 64 of signature. */
export type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

export type VerifierKey = { name: string; id: Uint8Array; type: SignatureType; publicKey: Uint8Array };
export type NoteSignature = { name: string; id: Uint8Array; signature: Uint8Array };
/** `text` ends with a newline; it is what is signed. */
export type Note = { text: string; signatures: readonly NoteSignature[] };

const KEY_ID_BYTES = 4;
const PUBLIC_KEY_BYTES = 32;
const MAX_SIGNATURES = 100;
const DASH = "— ";

/** Names have no space and no plus, because both end them. */
export function isKeyName(name: string): boolean {
  return name !== "" && !/[\s+\p{Cc}]/u.test(name);
}

/** The first four bytes of H(name ‖ newline ‖ type ‖ public key). */
export function verifierKey(
  hash: Hash,
  key: { name: string; type: SignatureType; publicKey: Uint8Array },
): VerifierKey {
  const digest = hash(joined([utf8(`${key.name}\n`), Uint8Array.of(key.type), key.publicKey]));
  return { ...key, id: digest.slice(0, KEY_ID_BYTES) };
}

export function formatVkey({ name, id, type, publicKey }: VerifierKey): string {
  return `${name}+${toHex(id)}+${toBase64(joined([Uint8Array.of(type), publicKey]))}`;
}

/** `null` for anything that is not the vkey of a known type, or whose id is not that of the key. */
export function parseVkey(hash: Hash, text: string): VerifierKey | null {
  const [name = "", id = "", ...rest] = text.split("+");
  const bytes = fromBase64(rest.join("+"));
  const type = bytes?.[0];
  if (!bytes || !isKeyName(name) || bytes.length !== 1 + PUBLIC_KEY_BYTES) return null;
  if (type !== SIGNATURE_TYPE.ed25519 && type !== SIGNATURE_TYPE.cosignature) return null;
  const key = verifierKey(hash, { name, type, publicKey: bytes.slice(1) });
  return toHex(key.id) === id ? key : null;
}

export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(signatureLine).join("")}`;
}

export function signatureLine({ name, id, signature }: NoteSignature): string {
  return `${DASH}${name} ${toBase64(joined([id, signature]))}\n`;
}

/** `null` for what is no signed note. Signatures of unknown keys stay in: they are not for us to judge. */
export function parseNote(note: string): Note | null {
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n") || /[^\P{Cc}\n]/u.test(note) || !note.isWellFormed()) return null;
  const lines = note.slice(end + 2, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) return null;
  const signatures = lines.map(parseSignatureLine);
  return signatures.some((signature) => signature === null)
    ? null
    : { text: note.slice(0, end + 1), signatures: signatures.filter((signature) => signature !== null) };
}

/** @param line without its newline */
function parseSignatureLine(line: string): NoteSignature | null {
  const [name = "", encoded = "", ...more] = line.startsWith(DASH) ? line.slice(DASH.length).split(" ") : [];
  const bytes = fromBase64(encoded);
  if (!bytes || bytes.length <= KEY_ID_BYTES || more.length > 0 || !isKeyName(name)) return null;
  return { name, id: bytes.slice(0, KEY_ID_BYTES), signature: bytes.slice(KEY_ID_BYTES) };
}

/**
 * The keys of `known` that signed the note.
 *
 * @returns `null` when a signature that names a known key is wrong: such a note is not to be believed at all
 */
export function verifiedBy(note: Note, known: readonly VerifierKey[], verify: Verify): VerifierKey[] | null {
  const found: VerifierKey[] = [];
  for (const { name, id, signature } of note.signatures) {
    const key = known.find((candidate) => candidate.name === name && sameBytes(candidate.id, id));
    if (!key || found.includes(key)) continue;
    if (!isSignedBy(key, note.text, signature, verify)) return null;
    found.push(key);
  }
  return found;
}

function isSignedBy(key: VerifierKey, text: string, signature: Uint8Array, verify: Verify): boolean {
  if (key.type === SIGNATURE_TYPE.ed25519) return verify(key.publicKey, utf8(text), signature);
  const atSeconds = cosignedAtSeconds(signature);
  return (
    atSeconds !== null && verify(key.publicKey, cosignedMessage(text, atSeconds), signature.slice(TIME_BYTES))
  );
}

const TIME_BYTES = 8;

/** What a witness signs: the note's text under a header with the time. */
export function cosignedMessage(text: string, atSeconds: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${atSeconds}\n${text}`);
}

/** A cosignature's bytes: the time, big-endian, and the signature. */
export function cosignatureOf(atSeconds: number, signature: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(TIME_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(atSeconds));
  return joined([bytes, signature]);
}

function cosignedAtSeconds(signature: Uint8Array): number | null {
  if (signature.length <= TIME_BYTES) return null;
  const seconds = Number(new DataView(signature.slice(0, TIME_BYTES).buffer).getBigUint64(0));
  return Number.isSafeInteger(seconds) ? seconds : null;
}
