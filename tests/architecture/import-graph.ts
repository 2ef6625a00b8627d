import { posix } from "node:path";
import { modulesOf, type Tree, withoutComments } from "./tree.ts";

/**
 * What a module imports: `import`, `export … from`, `import()`, `require()` and `import("…").T`.
 *
 * A text scan, which may see an import in a template that is none, and so errs towards more edges.
 */
function specifiersOf(text: string): string[] {
  const code = withoutComments(text);
  const patterns = [
    /\b(?:import|export)\b[^;"'`()]*?\bfrom\s*["']([^"'\n]+)["']/g,
    /\bimport\s*["']([^"'\n]+)["']/g,
    /\b(?:import|require)\s*\(\s*["'`]([^"'`\n]+)["'`]/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ""));
}

/** The file of this tree that a specifier names, or `null` for a package or a missing file. */
function resolveSpecifier(tree: Tree, from: string, specifier: string): string | null {
  if (specifier.startsWith("#")) return resolveHash(tree, specifier);
  if (!specifier.startsWith(".")) return null;
  const path = posix.join(posix.dirname(from), specifier);
  return [path, `${path}.ts`, `${path}.tsx`, `${path}/index.ts`].find((file) => tree.has(file)) ?? null;
}

function resolveHash(tree: Tree, specifier: string): string | null {
  const manifest = JSON.parse(tree.get("package.json") ?? "{}") as { imports?: Record<string, unknown> };
  for (const [key, target] of Object.entries(manifest.imports ?? {})) {
    const [head = "", tail = ""] = key.split("*");
    if (typeof target !== "string" || !specifier.startsWith(head) || !specifier.endsWith(tail)) continue;
    const star = specifier.slice(head.length, specifier.length - tail.length);
    const path = posix.normalize(target.replace("*", star));
    if (tree.has(path)) return path;
  }
  return null;
}

/** Edges between the modules of a tree, packages left out. */
export function importGraph(tree: Tree): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  for (const path of modulesOf(tree)) {
    const targets = specifiersOf(tree.get(path) ?? "")
      .map((specifier) => resolveSpecifier(tree, path, specifier))
      .filter((target) => target !== null);
    graph.set(path, [...new Set(targets)]);
  }
  return graph;
}

/** The shortest import chain from `start` to a module that `isGoal` accepts, or `null`. */
export function chainTo(
  graph: ReadonlyMap<string, readonly string[]>,
  start: string,
  isGoal: (path: string) => boolean,
): string[] | null {
  const cameFrom = new Map<string, string | null>([[start, null]]);
  for (const path of cameFrom.keys()) {
    if (path !== start && isGoal(path)) return walkBack(cameFrom, path);
    for (const next of graph.get(path) ?? []) if (!cameFrom.has(next)) cameFrom.set(next, path);
  }
  return null;
}

function walkBack(cameFrom: ReadonlyMap<string, string | null>, goal: string): string[] {
  const chain: string[] = [];
  for (let path: string | null = goal; path !== null; path = cameFrom.get(path) ?? null) chain.unshift(path);
  return chain;
}
