import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** The text of a source tree: path from its root, with `/`, to content. */
export type Tree = ReadonlyMap<string, string>;

const SKIPPED_FOLDERS = new Set(["node_modules", "coverage", "test-results", "playwright-report"]);
const TEXT =
  /\.(ts|tsx|mts|cjs|mjs|js|json|jsonc|md|sql|css|html|ya?ml|toml|tpl|sh|service|conf)$|(^|\/)[A-Z][A-Za-z]*$/;

/** Read every text file under `root` that belongs to the project. */
export function readTree(root: string): Tree {
  const tree = new Map<string, string>();
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!entry.name.startsWith(".") && !SKIPPED_FOLDERS.has(entry.name)) visit(path);
      } else if (entry.isFile() && TEXT.test(path)) {
        tree.set(path, readFileSync(join(root, path), "utf8"));
      }
    }
  };
  visit("");
  return tree;
}

/** A tree from literals, for tests that plant a violation. */
export function treeOf(files: Record<string, string>): Tree {
  return new Map(Object.entries(files));
}

/** Paths of the modules that Node, Next or Vitest run. */
export function modulesOf(tree: Tree): string[] {
  return [...tree.keys()].filter((path) => /\.(ts|tsx|cjs|mjs|js)$/.test(path)).sort();
}

/** One place in a file, as editors open it. */
export function at(path: string, text: string, index: number): string {
  return `${path}:${text.slice(0, index).split("\n").length}`;
}

const TOKEN =
  /\/\*[\s\S]*?\*\/|(?<![:\\])\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;

/** The text with comments blanked and positions kept. Strings and templates stay. */
export function withoutComments(text: string): string {
  return text.replace(TOKEN, (found) => (found.startsWith("/") ? found.replace(/[^\n]/g, " ") : found));
}

/** The text with comments and the insides of strings and templates blanked, positions kept. */
export function withoutTexts(text: string): string {
  return text.replace(TOKEN, (found) =>
    found.startsWith("/")
      ? found.replace(/[^\n]/g, " ")
      : found[0] + found.slice(1, -1).replace(/[^\n]/g, " ") + found[0],
  );
}
