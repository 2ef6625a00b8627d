/**
 * Checks that what the documentation names exists: files, headings, npm scripts and commands.
 *
 * Usage: node scripts/check-doc-refs.ts [root]
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";

const SKIPPED = new Set([
  "node_modules",
  "fixtures",
  "conformance-goldens",
  "test-results",
  "playwright-report",
]);
/** Folders of the project, present or planned: text in backticks that starts with one is a path. */
const FOLDERS = /^(app|bench|cli|components|db|deploy|docs|e2e|lib|policies|public|scripts|tests)\//;
const FILE_NAME = /^[\w-][\w.-]*\.(md|ts|tsx|mjs|cjs|sql)$/;
const PLACEHOLDER = /[<>{}*…]|NNNN/;

function filesUnder(root: string, pattern: RegExp, folder = ""): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name.startsWith(".") || SKIPPED.has(entry.name) ? [] : filesUnder(root, pattern, path);
    }
    return pattern.test(path) ? [path] : [];
  });
}

/** The part of a path before its first placeholder: `lib/sources/<name>/index.ts` → `lib/sources`. */
function fixedPart(path: string): string {
  const parts = path.split("/");
  const open = parts.findIndex((part) => PLACEHOLDER.test(part));
  return open === -1 ? path : parts.slice(0, open).join("/");
}

function slugs(markdown: string): Set<string> {
  const headings = [...markdown.matchAll(/^#{1,6} +(.+)$/gm)].map((match) => match[1] ?? "");
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .trim()
        .replaceAll(" ", "-"),
    ),
  );
}

/** Blanks fenced code, whose lines are examples, and keeps the line numbers. */
function withoutFences(text: string): string {
  return text.replace(/^(```|~~~)[\s\S]*?^\1/gm, (fence) => fence.replace(/[^\n]/g, " "));
}

type Found = { index: number; message: string };

function backtickedPaths(root: string, names: ReadonlySet<string>, text: string): Found[] {
  return [...text.matchAll(/`([^`\s]+)`/g)].flatMap(({ index, 1: raw = "" }) => {
    const path = raw.replace(/:\d+$/, "").replace(/#.*$/, "");
    // A bare name may stand for a file of the folder that the sentence is about.
    const exists = FOLDERS.test(path)
      ? existsSync(join(root, fixedPart(path)))
      : !FILE_NAME.test(path) || names.has(path);
    return exists ? [] : [{ index, message: `${path} does not exist` }];
  });
}

function relativeLinks(root: string, file: string, text: string): Found[] {
  return [...text.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)].flatMap(({ index, 1: link = "" }) => {
    if (/^([a-z][a-z+.-]*:|\/)/.test(link)) return [];
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? file : join(dirname(file), decodeURIComponent(path));
    if (!existsSync(join(root, target)))
      return [{ index, message: `link to ${target}, which does not exist` }];
    if (anchor === undefined || !target.endsWith(".md")) return [];
    return slugs(readFileSync(join(root, target), "utf8")).has(anchor)
      ? []
      : [{ index, message: `link to ${target}#${anchor}, which has no such heading` }];
  });
}

function npmScripts(text: string, scripts: ReadonlySet<string>): Found[] {
  return [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].flatMap(
    ({ index, 1: run, 2: short }) => {
      const name = run ?? short ?? "";
      return scripts.has(name) ? [] : [{ index, message: `npm script ${name} does not exist` }];
    },
  );
}

/** Pages that comments, SQL and messages point to. */
function namedPages(root: string, text: string): Found[] {
  return [...text.matchAll(/\bdocs\/[\w/.-]+?\.md\b/g)]
    .filter(({ 0: path }) => !existsSync(join(root, path)))
    .map(({ index, 0: path }) => ({ index, message: `${path} does not exist` }));
}

/** Everything under `root` that names a file, heading or script which is not there, one line each. */
export function docFindings(root: string): string[] {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts?: Record<string, string>;
  };
  const scripts = new Set(Object.keys(manifest.scripts ?? {}));
  const report = (file: string, text: string, found: Found[]): string[] =>
    found.map(({ index, message }) => `${file}:${text.slice(0, index).split("\n").length} ${message}`);

  const names = new Set(filesUnder(root, /./).map((file) => basename(file)));
  const pages = filesUnder(root, /\.md$/).flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const prose = withoutFences(text);
    return report(file, text, [
      ...backtickedPaths(root, names, prose),
      ...relativeLinks(root, file, prose),
      ...npmScripts(text, scripts),
    ]);
  });
  const code = filesUnder(root, /\.(ts|tsx|cjs|mjs|sql|ya?ml)$/)
    // These hold dangling names on purpose.
    .filter((file) => !file.startsWith(join("tests", "architecture")))
    .flatMap((file) => {
      const text = readFileSync(join(root, file), "utf8");
      return report(file, text, namedPages(root, text));
    });
  return [...pages, ...code];
}

if (import.meta.main) {
  const root = process.argv[2] ?? join(import.meta.dirname, "..");
  const findings = docFindings(root);
  for (const finding of findings) console.error(finding);
  console.log(`doc references: ${findings.length} dangling (${relative(process.cwd(), root) || "."})`);
  if (findings.length > 0) process.exitCode = 1;
}
