import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readBundle } from "./bundle.ts";
import { BUILT_IN } from "./course.ts";
import { FACT_SCHEMA } from "./facts.ts";
import { runTests } from "./run-tests.ts";

const guide = readFileSync(join(import.meta.dirname, "../../docs/guide/policies.md"), "utf8");

describe("the guide to policies", () => {
  it("shows a policy that checks and passes its tests", () => {
    const [, text = ""] = /```yaml\n([\s\S]*?)```/.exec(guide) ?? [];
    const read = readBundle(text);
    if (!read.ok) throw new Error(JSON.stringify(read.problems));
    expect(read.bundle.tests).not.toHaveLength(0);
    expect(runTests(read.bundle, read.bundle.tests).filter(({ detail }) => detail !== null)).toEqual([]);
  });

  it("lists the rules of the built-in policy, in their order and in their words", () => {
    const rows = BUILT_IN.bundle.rules.map(
      ({ id, status, docs }) => `| \`${id}\` | ${status} | ${docs.trim()} |\n`,
    );
    expect(guide).toContain(rows.join(""));
  });

  it("names every field that rules may ask", () => {
    for (const { name, fields } of FACT_SCHEMA) {
      const row = guide.split("\n").find((line) => line.startsWith(`| \`${name}\` |`)) ?? "";
      for (const field of fields) expect(row).toContain(`\`${field.name}\``);
    }
  });
});
