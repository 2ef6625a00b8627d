/**
 * A TPM's public area as the registrar keeps it: base64 of a `TPM2B_PUBLIC`
 * (TPM 2.0 Library, part 2, sections 12.2.4 and 12.2.5).
 */
import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { sha256Hex } from "#lib/sources/shared/text";

const ALG_RSA = 0x0001;
const ALG_ECC = 0x0023;
const ALG_NULL = 0x0010;
/** Schemes that name no hash: RSAES has no parameters. */
const ALG_RSAES = 0x0015;
const DEFAULT_EXPONENT = 65_537;
const CURVES = new Map([
  [0x0003, { name: "P-256", bytes: 32 }],
  [0x0004, { name: "P-384", bytes: 48 }],
  [0x0005, { name: "P-521", bytes: 66 }],
]);
const MAX_TEXT_CHARS = 8192;

/** The key in a public area; `null` for what is none, or of a sort that is not known here. */
export function keyOfPublicArea(text: unknown): KeyObject | null {
  if (typeof text !== "string" || text.length > MAX_TEXT_CHARS) return null;
  try {
    const bytes = Buffer.from(text, "base64");
    return createPublicKey({ key: jwkOf(new Reader(bytes)), format: "jwk" });
  } catch {
    // Bytes of a stranger: whatever is wrong with them, there is no key to be had.
    return null;
  }
}

/** The key that an endorsement certificate (base64 of DER) is about; `null` when it cannot be read. */
export function keyOfCertificate(text: unknown): KeyObject | null {
  if (typeof text !== "string" || text === "" || text.length > MAX_TEXT_CHARS) return null;
  try {
    return new X509Certificate(Buffer.from(text, "base64")).publicKey;
  } catch {
    return null;
  }
}

/** SHA-256 over the key's SubjectPublicKeyInfo, the form in which certificates carry it too. */
export function fingerprintOf(key: KeyObject): string {
  return sha256Hex(key.export({ type: "spki", format: "der" }));
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  u16(): number {
    this.#at += 2;
    return this.#bytes.readUInt16BE(this.#at - 2);
  }

  u32(): number {
    this.#at += 4;
    return this.#bytes.readUInt32BE(this.#at - 4);
  }

  /** Bytes behind their own length. */
  sized(): Buffer {
    const size = this.u16();
    const end = this.#at + size;
    if (end > this.#bytes.byteLength) throw new RangeError("cut short");
    const found = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return found;
  }
}

function jwkOf(reader: Reader): { kty: string; [member: string]: string } {
  reader.u16(); // size of what follows
  const type = reader.u16();
  reader.u16(); // nameAlg
  reader.u32(); // objectAttributes
  reader.sized(); // authPolicy
  if (reader.u16() !== ALG_NULL) {
    reader.u16(); // symmetric key bits
    reader.u16(); // symmetric mode
  }
  const scheme = reader.u16();
  if (scheme !== ALG_NULL && scheme !== ALG_RSAES) reader.u16(); // its hash
  if (type === ALG_RSA) {
    reader.u16(); // key bits
    const exponent = reader.u32() || DEFAULT_EXPONENT;
    const n = reader.sized().toString("base64url");
    return { kty: "RSA", n, e: bytesOf(exponent).toString("base64url") };
  }
  if (type !== ALG_ECC) throw new RangeError("no asymmetric key");
  const curve = CURVES.get(reader.u16());
  if (curve === undefined) throw new RangeError("unknown curve");
  if (reader.u16() !== ALG_NULL) reader.u16(); // hash of the key derivation
  const [x, y] = [reader.sized(), reader.sized()].map((part) => padded(part, curve.bytes));
  return { kty: "EC", crv: curve.name, x: x ?? "", y: y ?? "" };
}

function bytesOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0));
}

/** TPMs leave out leading zeros; a JWK has them. */
function padded(part: Buffer, size: number): string {
  return Buffer.concat([Buffer.alloc(Math.max(0, size - part.byteLength)), part]).toString("base64url");
}
