/**
 * The quick way through acceptable JSON: most documents are, and the full scan costs several times
 * what parsing costs.
 *
 * It only ever says yes. Whatever it is not sure about goes to the full scan, which decides and words
 * the refusal, so the two can differ in speed but never in what is accepted.
 */
/** Throws for bytes that are no UTF-8, and keeps a byte order mark, which is no JSON. */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export type FastLimits = { maxDepth: number; maxStrings: number; maxNumberChars: number };

/** What one pass over the bytes tells before anything is parsed. */
type Outline = { keys: number; escaped: boolean };

/**
 * Parse a document that is beyond doubt acceptable.
 *
 * @returns `undefined` when the full scan must decide; no JSON document has that value
 */
export function parseIfPlain(bytes: Uint8Array, limits: FastLimits): unknown {
  const outline = outlineOf(bytes, limits);
  if (outline === null) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(UTF8.decode(bytes));
  } catch {
    return undefined;
  }
  // A key that occurs twice stands once in the value, so fewer keys than colons means doubt.
  return plainKeys(value, outline.escaped) === outline.keys ? value : undefined;
}

/** Counts what is outside of strings; `null` at the first sign of something unusual. */
function outlineOf(bytes: Uint8Array, limits: FastLimits): Outline | null {
  let keys = 0;
  let strings = 0;
  let depth = 0;
  let run = 0;
  let escaped = false;
  const end = bytes.length;
  for (let at = 0; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (byte === 0x22) {
      run = 0;
      strings += 1;
      for (at += 1; at < end && bytes[at] !== 0x22; at += 1) {
        if (bytes[at] !== 0x5c) continue;
        escaped = true;
        at += 1;
      }
    } else if (byte > 0x2a && byte < 0x3a && byte !== 0x2c) {
      // A run of the bytes that numbers are made of, as far as they are no letters.
      run += 1;
      if (run > limits.maxNumberChars) return null;
    } else if (byte === 0x65 || byte === 0x45) {
      run += 1;
      if (run > limits.maxNumberChars) return null;
    } else {
      run = 0;
      if (byte === 0x3a) keys += 1;
      else if (byte === 0x7b || byte === 0x5b) {
        depth += 1;
        if (depth > limits.maxDepth) return null;
      } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
    }
  }
  return strings > limits.maxStrings ? null : { keys, escaped };
}

const DOUBT = Number.NaN;

/** Keys of all objects in a value; `NaN` when something in it needs a closer look. */
function plainKeys(value: unknown, escaped: boolean): number {
  if (typeof value === "string") return escaped && !isPlainText(value) ? DOUBT : 0;
  if (typeof value === "number") return isExact(value) ? 0 : DOUBT;
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) count += plainKeys(element, escaped);
    return count;
  }
  for (const key in value) {
    if (key === "__proto__" || (escaped && !isPlainText(key))) return DOUBT;
    count += 1 + plainKeys((value as Record<string, unknown>)[key], escaped);
  }
  return count;
}

/** Neither beyond the range of a double nor an integer that a double may have rounded. */
function isExact(value: number): boolean {
  return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
}

function isPlainText(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}
