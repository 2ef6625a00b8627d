import { describe, expect, it } from "vitest";
import { RULE_PLANTS } from "./planted/rule-plants.ts";
import { FILE_RULES } from "./rules/files.ts";
import { IMPORT_RULES } from "./rules/imports.ts";
import { OUTBOUND_RULES } from "./rules/outbound.ts";
import { REPOSITORY_RULES } from "./rules/repository.ts";
import { treeOf } from "./tree.ts";

const RULES = [...FILE_RULES, ...IMPORT_RULES, ...OUTBOUND_RULES, ...REPOSITORY_RULES];

describe("repository rules find what is planted", () => {
  it("has a plant for every rule", () => {
    expect(Object.keys(RULE_PLANTS).sort()).toEqual(RULES.map((rule) => rule.name).sort());
  });

  for (const rule of RULES) {
    const plants = RULE_PLANTS[rule.name];
    for (const [index, bad] of (plants?.bad ?? []).entries()) {
      it(`${rule.name}: violation ${index + 1}`, () => {
        expect(rule.find(treeOf(bad))).not.toEqual([]);
      });
    }
    for (const [index, good] of (plants?.good ?? []).entries()) {
      it(`${rule.name}: near miss ${index + 1}`, () => {
        expect(rule.find(treeOf(good))).toEqual([]);
      });
    }
  }
});
