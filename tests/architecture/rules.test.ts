import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FILE_RULES, longFiles } from "./rules/files.ts";
import { IMPORT_RULES } from "./rules/imports.ts";
import { OUTBOUND_RULES } from "./rules/outbound.ts";
import { REPOSITORY_RULES } from "./rules/repository.ts";
import { readTree } from "./tree.ts";

const tree = readTree(join(import.meta.dirname, "../.."));

// Shown by `npm run verify`, which fails only above the limit.
for (const file of longFiles(tree, 350)) console.warn(`note: ${file}, aim for 350`);

describe("repository rules", () => {
  it("looks at a tree that is there", () => {
    expect(tree.has("package.json")).toBe(true);
    expect([...tree.keys()].filter((path) => path.startsWith("lib/domain/")).length).toBeGreaterThan(3);
  });

  for (const rule of [...FILE_RULES, ...IMPORT_RULES, ...OUTBOUND_RULES, ...REPOSITORY_RULES]) {
    it(rule.name, () => {
      expect(rule.find(tree), rule.why).toEqual([]);
    });
  }
});
