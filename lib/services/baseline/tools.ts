/** Selectors and patterns, as judging by baselines asks for them. */
import type { StandingTools } from "#lib/domain/baseline-standing";
import { ProblemError } from "#lib/domain/problems";
import { matcherOf } from "#lib/policy/patterns";
import { compileSelector, selectorMatches } from "#lib/policy/selector";

export const TOOLS: StandingTools = { matches: selectorMatches, ignores: matcherOf };

/** @throws {ProblemError} `request/invalid` with a pointer when the text is no selector */
export function requireSelector(text: string, pointer: string): void {
  const selector = compileSelector(text);
  if (selector.ok) return;
  const { detail } = selector;
  throw new ProblemError("request/invalid", `The selector cannot be read: ${detail}`, {
    pointers: [{ pointer, detail }],
  });
}
