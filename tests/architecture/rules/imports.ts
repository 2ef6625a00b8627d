import { chainTo, importGraph } from "../import-graph.ts";
import { at, modulesOf, type Tree, withoutTexts } from "../tree.ts";
import type { Rule } from "./rule.ts";

function matches(tree: Tree, paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap((path) => {
    const text = withoutTexts(tree.get(path) ?? "");
    return [...text.matchAll(pattern)].map((match) => `${at(path, text, match.index)} ${match[0].trim()}`);
  });
}

// Tests of these rules hold violations as text.
const checked = (tree: Tree): string[] =>
  modulesOf(tree).filter((path) => !path.startsWith("tests/architecture/"));

const isBrowserStart = (path: string, text: string): boolean =>
  !/\.test\.tsx?$/.test(path) &&
  (/^(components|lib\/client)\//.test(path) || /^\s*["']use client["']/m.test(text.slice(0, 600)));

const isServerOnly = (path: string): boolean =>
  /^(db|cli|lib\/(services|server|sources|collect|ingest|jobs|demo))\//.test(path);

/** Import rules beyond the reach of the linter's boundary check. */
export const IMPORT_RULES: readonly Rule[] = [
  {
    name: "no import() type expressions",
    why: "the boundary check does not see `import('x').T`; write `import type`",
    find: (tree) =>
      matches(
        tree,
        checked(tree).filter((path) => /\.tsx?$/.test(path)),
        // The promise of a dynamic import has no other members than these three.
        /\btypeof\s+import\s*\(|\bimport\s*\(\s*["'`][^"'`\n]+["'`][^)\n]*\)\s*(?:\.\s*(?!then\b|catch\b|finally\b)\w+|\[)/g,
      ),
  },
  {
    name: "no require() in layers",
    why: "the boundary check does not see require(); use import",
    find: (tree) =>
      matches(
        tree,
        modulesOf(tree).filter((path) => /^(app|components|db|lib)\/|^(cli|e2e)\/.*\.tsx?$/.test(path)),
        /(?<![.\w])require\s*\(/g,
      ),
  },
  {
    name: "the browser never reaches the server",
    why: "a component or lib/client module pulls server code into the browser through this chain",
    find: (tree) => {
      const graph = importGraph(tree);
      return [...graph.keys()]
        .filter((path) => isBrowserStart(path, tree.get(path) ?? ""))
        .map((path) => chainTo(graph, path, isServerOnly))
        .filter((chain) => chain !== null)
        .map((chain) => chain.join(" → "));
    },
  },
];
