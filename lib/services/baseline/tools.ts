/** Selectors and patterns, as judging by baselines asks for them. */
import type { SelectorMatch } from "#lib/domain/baseline-course";
import type { StandingTools } from "#lib/domain/baseline-standing";
import { ProblemError } from "#lib/domain/problems";
import { matcherOf } from "#lib/policy/patterns";
import { compileSelector } from "#lib/policy/selector";

const matches: SelectorMatch = (text, node) => {
  const selector = compileSelector(text);
  return selector.ok && selector.matches(node);
};

export const TOOLS: StandingTools = { matches, ignores: matcherOf };

/** @throws {ProblemError} `request/invalid` with a pointer when the text is no selector */
export function requireSelector(text: string, pointer: string): void {
  const selector = compileSelector(text);
  if (selector.ok) return;
  const { detail } = selector;
  throw new ProblemError("request/invalid", `The selector cannot be read: ${detail}`, {
    pointers: [{ pointer, detail }],
  });
}
