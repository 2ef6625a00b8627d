import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SandboxFiles } from "./sandbox.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** A change that a gate must refuse, and what it must say, so that it refuses for the right reason. */
export type Plant = SandboxFiles & { says: string };

/** A tree that a gate accepts, and changes to it. */
export type GatePlants = { base: SandboxFiles; plants: Record<string, Plant> };

const text = (path: string): string =>
  existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), "utf8") : "";
const plant = (says: string, path: string, content: string): Plant => ({ says, files: { [path]: content } });

const manifest = (more: Record<string, unknown> = {}): string =>
  `${JSON.stringify(
    { name: "planted", version: "1.0.0", type: "module", imports: { "#lib/*": "./lib/*.ts" }, ...more },
    null,
    2,
  )}\n`;

const FOCUSED_TEST =
  'import { expect, it } from "vitest";\n\nit.only("holds", () => {\n  expect(1).toBe(1);\n});\n';
const SKIPPED_TEST = FOCUSED_TEST.replace("it.only", "it.skip");
const FAILING_TEST = FOCUSED_TEST.replace("it.only", "it").replace("toBe(1)", "toBe(2)");

/** The lockfile without what its repair adds for one foreign platform. */
function lockWithoutForeignPlatform(): string {
  const lock = JSON.parse(text("package-lock.json")) as {
    packages: Record<string, { optional?: boolean; os?: string[] }>;
  };
  const foreign = Object.entries(lock.packages).find(
    ([name, entry]) => entry.optional && entry.os?.includes("win32") && name.startsWith("node_modules/"),
  )?.[0];
  if (foreign === undefined) throw new Error("the lockfile has no package for a foreign platform");
  delete lock.packages[foreign];
  return `${JSON.stringify(lock, null, 2)}\n`;
}

const lint: GatePlants = {
  base: {
    copy: ["biome.json", ".gitignore"],
    files: {
      "package.json": manifest({
        dependencies: { zod: "4.6.7" },
        devDependencies: { vitest: "5.1.1", react: "19.3.1" },
      }),
      "lib/domain/a.ts": 'import { b } from "./b.ts";\n\nexport const a = b + 1;\n',
      "lib/domain/b.ts": "export const b = 1;\n",
      "lib/server/env.ts": 'export const home = process.env.HOME ?? "";\n',
    },
  },
  plants: {
    "a misformatted file": plant(
      "content differs from formatting output",
      "lib/domain/b.ts",
      "export const b = 1\n",
    ),
    "a misformatted style sheet": plant(
      "content differs from formatting output",
      "app/globals.css",
      "p{color:red}\n",
    ),
    "a lint error": plant("noDebugger", "lib/domain/b.ts", "export const b = 1;\ndebugger;\n"),
    "a warning": plant(
      "suppressions/unused",
      "lib/domain/b.ts",
      "export const b = 1;\n// biome-ignore lint/suspicious/noVar: nothing to ignore\nexport const c = 2;\n",
    ),
    "an import cycle": plant(
      "noImportCycles",
      "lib/domain/b.ts",
      'import { a } from "./a.ts";\n\nexport const b = a;\n',
    ),
    "an import cycle through # names": plant(
      "noImportCycles",
      "lib/domain/b.ts",
      'import { a } from "#lib/domain/a";\n\nexport const b = a;\n',
    ),
    "a default export": plant(
      "noDefaultExport",
      "lib/domain/b.ts",
      "export const b = 1;\nexport default b;\n",
    ),
    "process.env outside lib/server/env.ts": plant(
      "noProcessEnv",
      "lib/services/c.ts",
      "export const c = process.env.HOME;\n",
    ),
    "a clock in the domain": plant(
      "noRestrictedGlobals",
      "lib/domain/b.ts",
      "export const b = Date.now();\n",
    ),
    "process in the domain": plant(
      "noRestrictedGlobals",
      "lib/domain/b.ts",
      "export const b = process.pid;\n",
    ),
    any: plant("noExplicitAny", "lib/domain/c.ts", "export const c = (x: any) => x;\n"),
    "a non-null assertion": plant(
      "noNonNullAssertion",
      "lib/domain/c.ts",
      "export const c = (x?: string) => x!;\n",
    ),
    "a barrel": plant("noReExportAll", "lib/domain/index.ts", 'export * from "./a.ts";\n'),
    "a barrel of names": plant("noBarrelFile", "lib/domain/index.ts", 'export { a } from "./a.ts";\n'),
    "a type imported as a value": plant(
      "useImportType",
      "lib/domain/c.ts",
      'import { T } from "./d.ts";\n\nexport const c = (t: T) => t;\n',
    ),
    "a floating promise": plant(
      "noFloatingPromises",
      "lib/services/c.ts",
      "async function send(): Promise<void> {}\n\nexport function c() {\n  send();\n}\n",
    ),
    "console in the product": plant(
      "noConsole",
      "lib/services/c.ts",
      'export const c = () => console.log("x");\n',
    ),
    "an enum": plant("noEnum", "lib/domain/c.ts", "export enum C {\n  A = 1,\n}\n"),
    "require()": plant("noCommonJs", "lib/services/c.ts", 'export const c = require("zod");\n'),
    "a package that package.json does not list": plant(
      "noUndeclaredDependencies",
      "components/c.tsx",
      'import "left-pad";\n',
    ),
    "a development package in the product": plant(
      "noUndeclaredDependencies",
      "components/c.tsx",
      'import "vitest";\n',
    ),
    dangerouslySetInnerHTML: plant(
      "noDangerouslySetInnerHtml",
      "components/c.tsx",
      "export const C = ({ html }: { html: string }) => <p dangerouslySetInnerHTML={{ __html: html }} />;\n",
    ),
    "a focused test": plant("noFocusedTests", "lib/domain/a.test.ts", FOCUSED_TEST),
    "a skipped test": plant("noSkippedTests", "lib/domain/a.test.ts", SKIPPED_TEST),
    "an update of every row": plant(
      "noDrizzleUpdateWithoutWhere",
      "db/queries/c.ts",
      "export const c = (db: Db, t: T) => db.update(t).set({ a: 1 });\n",
    ),
  },
};

/** By gate name. */
export const GATE_PLANTS: Record<string, () => GatePlants> = {
  "format and lint": () => lint,
  types: () => ({
    base: {
      copy: ["tsconfig.json"],
      files: { "package.json": manifest(), "lib/domain/a.ts": "export const a: number = 1;\n" },
    },
    plants: {
      "a type error": plant("TS2322", "lib/domain/a.ts", 'export const a: number = "1";\n'),
      "an unchecked index": plant("TS2322", "lib/domain/a.ts", "export const a: number = [1][0];\n"),
      "syntax that cannot be erased": plant("TS1294", "lib/domain/b.ts", "export enum B {\n  A = 1,\n}\n"),
      "an import of nothing": plant(
        "TS2307",
        "lib/domain/b.ts",
        'import { c } from "#lib/domain/c";\nexport const b = c;\n',
      ),
    },
  }),
  tests: () => ({
    base: {
      copy: ["vitest.config.ts", "tests/property-seed.ts"],
      files: {
        "package.json": manifest(),
        "lib/domain/a.test.ts": FAILING_TEST.replace("toBe(2)", "toBe(1)"),
      },
    },
    plants: {
      "a failing test": plant("AssertionError", "lib/domain/a.test.ts", FAILING_TEST),
      "a focused test": plant(".only", "lib/domain/a.test.ts", FOCUSED_TEST),
      "no test at all": plant("No test", "lib/domain/a.test.ts", ""),
    },
  }),
  "dead code": () => ({
    base: {
      copy: ["knip.json"],
      files: {
        "package.json": manifest({ dependencies: { zod: "4.6.7" } }),
        "cli/run.ts":
          'import { z } from "zod";\nimport { a } from "../lib/domain/a.ts";\n\nz.number().parse(a);\n',
        "lib/domain/a.ts": "export const a = 1;\n",
      },
    },
    plants: {
      "an unused export": plant(
        "Unused exports",
        "lib/domain/a.ts",
        "export const a = 1;\nexport const b = 2;\n",
      ),
      "an unused type": plant(
        "Unused exported types",
        "lib/domain/a.ts",
        "export const a = 1;\nexport type B = 2;\n",
      ),
      "an unused file": plant("Unused files", "lib/domain/b.ts", "export const b = 2;\n"),
      "an unused dependency": plant(
        "Unused dependencies",
        "package.json",
        manifest({ dependencies: { zod: "4.6.7", jose: "6.2.17" } }),
      ),
      "an unlisted dependency": plant("Unlisted dependencies", "package.json", manifest()),
    },
  }),
  openapi: () => ({
    base: { copy: ["app", "lib", "db", "scripts", "docs", "package.json", "tsconfig.json"] },
    plants: {
      "a description that lags behind": plant(
        "docs/openapi.json",
        "docs/openapi.json",
        text("docs/openapi.json").replace('"paths":', '"x-planted": true,\n  "paths":'),
      ),
      "no description": plant("docs/openapi.json", "docs/openapi.json", ""),
    },
  }),
  lockfile: () => ({
    base: { copy: ["scripts/repair-lock.ts", "package.json", "package-lock.json"] },
    plants: {
      "a foreign platform is missing": plant("lock", "package-lock.json", lockWithoutForeignPlatform()),
    },
  }),
  "doc references": () => ({
    base: {
      copy: ["scripts/check-doc-refs.ts"],
      files: {
        "package.json": manifest({ scripts: { verify: "true" } }),
        "README.md":
          "# Read\n\nSee `lib/domain/a.ts`, `lib/<name>/index.ts`, [more](docs/more.md#two-words); `npm run verify`.\n",
        "docs/more.md": "# More\n\n## Two words\n\nBack to [the start](../README.md) and [up](#more).\n",
        "lib/domain/a.ts": "// docs/more.md\n",
      },
    },
    plants: {
      "a path that is not there": plant(
        "lib/domain/gone.ts does not exist",
        "docs/b.md",
        "See `lib/domain/gone.ts`.\n",
      ),
      "a file name that is not there": plant("gone.ts does not exist", "docs/b.md", "See `gone.ts`.\n"),
      "a folder that is not there": plant(
        "lib/gone/<name>.ts does not exist",
        "docs/b.md",
        "See `lib/gone/<name>.ts`.\n",
      ),
      "a link to nothing": plant("link to docs/gone.md", "docs/b.md", "See [this](gone.md).\n"),
      "a heading that is not there": plant("no such heading", "docs/b.md", "See [this](more.md#gone).\n"),
      "a script that is not there": plant("npm script gone", "docs/b.md", "```\nnpm run gone\n```\n"),
      "a comment that names a page that is not there": plant(
        "docs/gone.md does not exist",
        "lib/domain/a.ts",
        "// docs/gone.md\n",
      ),
    },
  }),
};
