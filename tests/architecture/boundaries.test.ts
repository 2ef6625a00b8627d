import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { BOUNDARY_ROWS, type BoundaryRow, IMPORT_FORMS } from "./planted/boundary-plants.ts";
import { inSandbox } from "./planted/sandbox.ts";

const FORMS = Object.keys(IMPORT_FORMS);

/** The import on each line of the planted file. */
const plantedLines = ({ never, may }: BoundaryRow) =>
  [...never, ...may].flatMap((specifier) =>
    FORMS.map((form) => ({ form, specifier, line: IMPORT_FORMS[form]?.(specifier) ?? "" })),
  );

/** Numbers of the lines that the linter calls a crossing, by file. */
async function crossings(): Promise<Map<string, Set<number>>> {
  const files = BOUNDARY_ROWS.map((row) => [
    row.from,
    plantedLines(row)
      .map(({ line }) => line)
      .join(""),
  ]);
  return inSandbox(
    [{ copy: ["biome.json", ".gitignore", "package.json"], files: Object.fromEntries(files) }],
    (root) => {
      const biome = join(root, "node_modules/.bin/biome");
      const args = ["ci", "--reporter=github", "--max-diagnostics=none", "."];
      const { stdout, stderr, status } = spawnSync(biome, args, {
        cwd: root,
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
      });
      if (status === 0) throw new Error("the linter accepted the whole tree");
      const found = new Map<string, Set<number>>();
      const crossing = /::error title=lint\/style\/noRestrictedImports,file=([^\n]+?),line=(\d+)/g;
      for (const [, file = "", line] of `${stdout}${stderr}`.matchAll(crossing)) {
        const path = file.slice(file.indexOf("touchstone-planted-")).replace(/^[^/]*\//, "");
        found.set(path, (found.get(path) ?? new Set()).add(Number(line)));
      }
      return found;
    },
  );
}

describe("import boundaries", () => {
  let found: Awaited<ReturnType<typeof crossings>>;
  beforeAll(async () => {
    found = await crossings();
  }, 60_000);

  for (const row of BOUNDARY_ROWS) {
    const lines = plantedLines(row);
    const refused = (form: string): string[] =>
      lines
        .filter((line, index) => line.form === form && found.get(row.from)?.has(index + 1))
        .map(({ specifier }) => specifier);

    describe(row.from, () => {
      for (const form of FORMS) {
        it(`refuses ${form} of what the layer must not import, and of nothing else`, () => {
          expect(refused(form)).toEqual(row.never);
        });
      }
    });
  }
});
