/** Patterns that people type: RE2 only, so that no pattern can be made to run for ever. */
import { RE2JS } from "re2js";

/** Longer patterns are refused: matching is linear in pattern × text. */
const MAX_PATTERN_LENGTH = 1000;
const CACHED = 500;

const cache = new Map<string, RE2JS | null>();

/** A compiled pattern; `null` when it is none, or too long. Kept by its text. */
function compiled(pattern: string): RE2JS | null {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  const made = pattern.length > MAX_PATTERN_LENGTH ? null : tryCompile(pattern);
  const [oldest] = cache.keys();
  if (cache.size >= CACHED && oldest !== undefined) cache.delete(oldest);
  cache.set(pattern, made);
  return made;
}

function tryCompile(pattern: string): RE2JS | null {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return null;
  }
}

/** Whether the pattern is found somewhere in the text; `null` when it is not a pattern. */
export function found(pattern: string, text: string): boolean | null {
  return compiled(pattern)?.test(text) ?? null;
}

/** What is wrong with a pattern, as a sentence; `null` when nothing is. */
export function patternProblem(pattern: string): string | null {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    return `The pattern is longer than ${MAX_PATTERN_LENGTH} characters.`;
  }
  return compiled(pattern) ? null : "The pattern is not an RE2 expression.";
}

/**
 * Whether one of some patterns matches a whole path.
 *
 * A text that is not a pattern matches nothing; what people save is checked with `patternProblem`.
 */
export function matcherOf(patterns: readonly string[]): (path: string) => boolean {
  const usable = patterns.flatMap((pattern) => compiled(pattern) ?? []);
  return (path) => usable.some((pattern) => pattern.matches(path));
}
