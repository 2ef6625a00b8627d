import { at, modulesOf, type Tree, withoutComments } from "../tree.ts";
import type { Rule } from "./rule.ts";

const MAX_LINES = 500;

const sources = (tree: Tree): string[] => [
  ...modulesOf(tree),
  ...[...tree.keys()].filter((path) => /\.(css|sql)$/.test(path)),
];

/** Paths that hold other people's text or golden files. */
const isForeign = (path: string): boolean =>
  /(^|\/)(fixtures|recorded|conformance-goldens|goldens)\//.test(path);

function find(tree: Tree, paths: readonly string[], pattern: RegExp, code = false): string[] {
  return paths.flatMap((path) => {
    const raw = tree.get(path) ?? "";
    const text = code ? withoutComments(raw) : raw;
    return [...text.matchAll(pattern)].map((match) => `${at(path, text, match.index)} ${match[0].trim()}`);
  });
}

// The rules and their tests name what they forbid.
const own = (path: string): boolean => path.startsWith("tests/architecture/");

/** Files with more lines than `limit`, longest first. */
export function longFiles(tree: Tree, limit: number): string[] {
  return sources(tree)
    .filter((path) => !isForeign(path))
    .map((path) => ({ path, lines: (tree.get(path) ?? "").trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > limit)
    .sort((a, b) => b.lines - a.lines)
    .map(({ path, lines }) => `${path} ${lines} lines`);
}

function isKebab(path: string): boolean {
  return path
    .split("/")
    .every((part) => /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(part) || /^[[(][\s\S]*[\])]$/.test(part));
}

/** Rules about single files: their size, names and words. */
export const FILE_RULES: readonly Rule[] = [
  {
    name: `no file over ${MAX_LINES} lines`,
    why: "one verb, one query family, one table per file: split it by what it knows",
    find: (tree) => longFiles(tree, MAX_LINES),
  },
  {
    name: "kebab-case names",
    why: "one way to write a name, on every file system; Next's [param] and (group) folders excepted",
    find: (tree) =>
      [...tree.keys()].filter(
        (path) =>
          /\.(ts|tsx|cjs|mjs|css|md)$/.test(path) &&
          !isForeign(path) &&
          !/^[A-Z]+\.md$/.test(path) &&
          !/(^|\/)README\.md$/.test(path) &&
          !isKebab(path),
      ),
  },
  {
    name: "nothing is left for later in the text",
    why: "unfinished work belongs in an issue, where somebody finds it",
    find: (tree) =>
      find(
        tree,
        [...tree.keys()].filter((path) => !own(path) && !isForeign(path) && path !== "package-lock.json"),
        /\b(TODO|FIXME|XXX|HACK)\b(?!\.md)/g,
      ).filter((line) => !line.startsWith("CONTRIBUTING.md")),
  },
  {
    name: "no machine paths",
    why: "the text must hold on every machine: name paths from the project's root or the home directory as ~",
    find: (tree) =>
      find(
        tree,
        [...tree.keys()].filter((path) => !own(path) && !isForeign(path)),
        /(?<![\w.~-])(?:\/(?:home|Users)\/[a-z][\w-]*|\/root\/[\w.-]+|\/work\/[\w.-]+|\/mnt\/[\w.-]+|[A-Z]:\\Users\\\w+)/g,
      ),
  },
  {
    name: "every test runs",
    why: "an .only hides the others and a .skip hides itself; use skipIf with a reason that a machine can check",
    find: (tree) =>
      find(
        tree,
        modulesOf(tree).filter((path) => !own(path)),
        /\b(?:describe|it|suite|test)(?:\.\w+)*\.(?:only|skip|todo|fixme|fails)\b|\b(?:xit|xdescribe|fit|fdescribe)\s*\(/g,
        true,
      ),
  },
  {
    name: "no Server Actions",
    why: "they bypass the route() wrapper, its permission check and its audit entry; add a route",
    find: (tree) =>
      find(
        tree,
        modulesOf(tree).filter((path) => !own(path)),
        /^\s*["']use server["']/gm,
        true,
      ),
  },
  {
    name: "no dangerouslySetInnerHTML",
    why: "names and reasons come from machines that may be hostile; React escapes them",
    find: (tree) =>
      find(
        tree,
        modulesOf(tree).filter((path) => /^(app|components|lib)\//.test(path)),
        /dangerouslySetInnerHTML/g,
        true,
      ),
  },
  {
    name: "no OFFSET paging",
    why: "OFFSET reads and drops every earlier row and skips rows under writes; page by key",
    find: (tree) =>
      find(
        tree,
        modulesOf(tree).filter((path) => /^(db|lib)\//.test(path) && !/\.test\.tsx?$/.test(path)),
        /\bOFFSET\s+[$\d{:(]|(?<=[)\w])\s*\.offset\(/g,
        true,
      ),
  },
  {
    name: "no randomness in the domain",
    why: "a decision must be repeatable: pass the value in",
    find: (tree) =>
      find(
        tree,
        modulesOf(tree).filter((path) => path.startsWith("lib/domain/") && !/\.test\.ts$/.test(path)),
        /\bMath\s*\.\s*random\b|\bglobalThis\b/g,
        true,
      ),
  },
];
