/** Selectors: CEL over `node`, saying which nodes something is meant for. */
import type { SelectorNode } from "#lib/domain/baseline";
import { type CelProblem, celEnvironment, compileCel } from "./cel.ts";

export type Selector = { ok: true; matches: (node: SelectorNode) => boolean } | ({ ok: false } & CelProblem);

/** What an expression may ask of a node. */
const NODE_SCHEMA = {
  id: "string",
  name: "string",
  labels: "map<string, string>",
  identities: "map<string, list<string>>",
};

const environment = celEnvironment().registerVariable("node", { schema: NODE_SCHEMA });
const CACHED = 500;
const cache = new Map<string, Selector>();

/**
 * Compile a selector; `""` selects every node. Kept by its text.
 *
 * `matches` is total: an expression that cannot be evaluated for a node, for instance because it has no
 * such label, does not match it.
 */
export function compileSelector(text: string): Selector {
  const known = cache.get(text);
  if (known) return known;
  const made = compile(text);
  const [oldest] = cache.keys();
  if (cache.size >= CACHED && oldest !== undefined) cache.delete(oldest);
  cache.set(text, made);
  return made;
}

/** Whether a node fits a selector. One that cannot be read fits nobody: nobody is judged, or let off, by accident. */
export function selectorMatches(text: string, node: SelectorNode): boolean {
  const selector = compileSelector(text);
  return selector.ok && selector.matches(node);
}

function compile(text: string): Selector {
  if (text.trim() === "") return { ok: true, matches: () => true };
  const compiled = compileCel(environment, text, "bool");
  if (!compiled.ok) return compiled;
  return {
    ok: true,
    matches: (node) => {
      try {
        return compiled.run({ node }) === true;
      } catch {
        return false;
      }
    },
  };
}
