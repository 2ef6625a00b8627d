/** Text from strangers: shortened, checked, hashed. */
import { hash } from "node:crypto";

/** Longest node id, in UTF-16 units. */
const MAX_ID_CHARS = 256;

/** Shorten to at most `max` UTF-16 units, never splitting a character in two. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, max - 1);
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`;
}

/**
 * Whether a text may serve as an identity: 1 to 256 characters of well-formed Unicode without
 * control characters or line separators, and not only blanks.
 *
 * Everything else is kept exactly as sent. Normalising would let two machines share one id.
 */
export function isIdentityText(text: string): boolean {
  return (
    text.length <= MAX_ID_CHARS &&
    /\S/.test(text) &&
    text.isWellFormed() &&
    !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)
  );
}

/** A text, number or boolean as text; `null` for whatever else a document may hold. */
export function scalarText(value: unknown): string | null {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : null;
}

/** SHA-256 in lower-case hexadecimal. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash("sha256", data, "hex");
}
