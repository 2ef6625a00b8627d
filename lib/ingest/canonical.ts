/** RFC 8785 for values that came out of the guarded JSON reader, by the engine's own serialiser. */
import canonicalize from "canonicalize";

/**
 * Keys that an object lists by their number first, whatever order they were added in, and the one that
 * is no member at all when it is assigned.
 */
const UNORDERED_KEY = /^\d|^__proto__$/;

/**
 * Canonical JSON text of a parsed document.
 *
 * The engine writes strings and numbers as RFC 8785 wants them; only the order of members is ours to
 * make. An object keeps index-like keys in an order of its own, so a document that has any is left to
 * the library.
 */
export function canonicalText(document: unknown): string {
  const sorted = sortedCopy(document);
  return sorted === undefined ? (canonicalize(document) ?? "") : JSON.stringify(sorted);
}

/** The value with all members in canonical order; `undefined` when objects cannot hold that order. */
function sortedCopy(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    for (const element of value) {
      const sorted = sortedCopy(element);
      if (sorted === undefined) return undefined;
      copy.push(sorted);
    }
    return copy;
  }
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    const sorted = UNORDERED_KEY.test(key) ? undefined : sortedCopy((value as Record<string, unknown>)[key]);
    if (sorted === undefined) return undefined;
    copy[key] = sorted;
  }
  return copy;
}
