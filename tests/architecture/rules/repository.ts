import type { Tree } from "../tree.ts";
import type { Rule } from "./rule.ts";

type Manifest = Partial<
  Record<"dependencies" | "devDependencies" | "optionalDependencies", Record<string, string>>
>;
type Lock = { packages?: Record<string, { version?: string; resolved?: string }> };

function json<T>(tree: Tree, path: string): T {
  return JSON.parse(tree.get(path) ?? "{}") as T;
}

function namesUnder(tree: Tree, folder: string): string[] {
  const depth = folder.split("/").length;
  const names = [...tree.keys()]
    .filter((path) => path.startsWith(`${folder}/`))
    .map((path) => path.split("/")[depth]);
  return [...new Set(names)].filter((name) => name !== undefined);
}

function problemCodes(tree: Tree): string[] {
  const text = tree.get("lib/domain/problems.ts") ?? "";
  return [...text.matchAll(/^ {2}"([a-z-]+\/[a-z-]+)": \{/gm)].map((match) => match[1] ?? "");
}

function atLeast(version: string, floor: string): boolean {
  const [a, b] = [version, floor].map((text) => text.split(/[.-]/).map(Number));
  for (const [index, least] of (b ?? []).entries()) {
    const part = a?.[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

function adrFindings(tree: Tree): string[] {
  const files = [...tree.keys()]
    .filter((path) => path.startsWith("docs/adr/") && path.endsWith(".md"))
    .sort();
  return files.flatMap((path, index) => {
    const number = /^docs\/adr\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1];
    if (number === undefined) return [`${path} is not NNNN-title.md`];
    const findings = Number(number) === index + 1 ? [] : [`${path} should have number ${index + 1}`];
    if (!/^(Status|Date|- Status|\*\*Status|Accepted|Superseded)/m.test(tree.get(path) ?? "")) {
      findings.push(`${path} has no Status line`);
    }
    return findings;
  });
}

/** Whether a Next matcher (a path with `:name` parts or a regular expression) covers an API path. */
function coversApi(matcher: string): boolean {
  const source = matcher
    .replace(/\/:\w+\*/g, "(?:/.*)?")
    .replace(/\/:\w+\+/g, "/.+")
    .replace(/:\w+/g, "[^/]+");
  return new RegExp(`^${source}$`).test("/api/v1/nodes");
}

function proxyFindings(tree: Tree): string[] {
  const text = tree.get("proxy.ts");
  if (text === undefined) return [];
  const matcher = /\bmatcher\s*:\s*(\[[\s\S]*?\]\s*[,}]|["'`][^\n]*)/.exec(text)?.[1];
  if (matcher === undefined) return ["proxy.ts has no matcher and so covers /api"];
  const strings = [...matcher.matchAll(/(["'`])(\/(?:\\.|(?!\1)[^\\])*)\1/g)].map((match) =>
    (match[2] ?? "").replaceAll("\\\\", "\\"),
  );
  if (strings.length === 0) return ["proxy.ts has a matcher that is not a literal"];
  return strings.filter(coversApi).map((found) => `proxy.ts matcher ${found} covers /api`);
}

function glossaryFindings(tree: Tree): string[] {
  const glossary = tree.get("docs/glossary.md") ?? "";
  const banned = [...glossary.matchAll(/\bnot: ([a-z][a-z ,-]*)/gi)]
    .flatMap((match) => (match[1] ?? "").split(","))
    .map((word) => word.trim())
    .filter((word) => word !== "");
  const texts = [...tree.keys()].filter((path) => /^docs\/(guide|problems)\/.*\.md$/.test(path));
  return banned.flatMap((word) =>
    texts
      .filter((path) => new RegExp(`\\b${word}s?\\b`, "i").test(tree.get(path) ?? ""))
      .map((path) => `${path} says "${word}"`),
  );
}

/** Rules about the repository as a whole. */
export const REPOSITORY_RULES: readonly Rule[] = [
  {
    name: "exact versions",
    why: "two installs of one commit must be the same program",
    find: (tree) => {
      const manifest = json<Manifest>(tree, "package.json");
      return [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies].flatMap(
        (group) =>
          Object.entries(group ?? {})
            .filter(([, range]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))
            .map(([name, range]) => `package.json ${name} ${range}`),
      );
    },
  },
  {
    name: "next-auth is at least 4.24.15",
    why: "earlier releases do not run on this Next and have known holes",
    find: (tree) => {
      const packages = json<Lock>(tree, "package-lock.json").packages ?? {};
      const version = packages["node_modules/next-auth"]?.version;
      if (version === undefined) return ["package-lock.json has no next-auth"];
      return atLeast(version, "4.24.15") ? [] : [`package-lock.json next-auth ${version}`];
    },
  },
  {
    name: "the lockfile names no private registry",
    why: "an install must work from any mirror of the public registry",
    find: (tree) =>
      Object.entries(json<Lock>(tree, "package-lock.json").packages ?? {})
        .filter(
          ([, { resolved }]) => resolved !== undefined && !/^https:\/\/registry\.npmjs\.org\//.test(resolved),
        )
        .map(([name, { resolved }]) => `package-lock.json ${name} ${resolved}`),
  },
  {
    name: "decisions are numbered without gaps",
    why: "a decision is named by its number for ever; a gap hides one",
    find: adrFindings,
  },
  {
    name: "every folder of lib has its boundary",
    why: "a new folder without a row in biome.json may import anything",
    find: (tree) => {
      const config = tree.get("biome.json") ?? "";
      return namesUnder(tree, "lib")
        .filter((name) => !name.includes(".") && !config.includes(`"lib/${name}/**"`))
        .map((name) => `lib/${name}`);
    },
  },
  {
    name: "every problem has its page",
    why: "the `type` of a problem is a link: /problems/<code>",
    find: (tree) =>
      problemCodes(tree)
        .filter((code) => !tree.has(`docs/problems/${code}.md`))
        .map((code) => `docs/problems/${code}.md is missing`),
  },
  {
    name: "every problem page has its problem",
    why: "a page about a problem that no longer exists misleads",
    find: (tree) => {
      const codes = new Set(problemCodes(tree));
      return [...tree.keys()]
        .map((path) => /^docs\/problems\/(.+)\.md$/.exec(path)?.[1])
        .filter((code) => code !== undefined && code !== "README" && !codes.has(code))
        .map((code) => `docs/problems/${code}.md names no problem`);
    },
  },
  {
    name: "every source has its guide",
    why: "nobody can connect a source that is not described",
    find: (tree) =>
      [...tree.keys()]
        .filter((path) => /^lib\/sources\/[a-z0-9-]+\/index\.ts$/.test(path))
        .flatMap((path) => {
          const guides = [...(tree.get(path) ?? "").matchAll(/\bguide: "([\w/-]+)"/g)].map(
            (match) => match[1],
          );
          if (guides.length === 0) return [`${path} names no guide`];
          return guides
            .filter((guide) => !tree.has(`docs/guide/${guide}.md`))
            .map((guide) => `${path} docs/guide/${guide}.md is missing`);
        }),
  },
  {
    name: "the proxy leaves the API alone",
    why: "rights are checked by route(); a redirect to the sign-in page would answer an API call with HTML",
    find: proxyFindings,
  },
  {
    name: "the words of the glossary",
    why: "one thing has one name",
    find: glossaryFindings,
  },
];
