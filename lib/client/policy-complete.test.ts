import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PolicySchemaView } from "#lib/contracts/policy";
import { RULE_STATUSES } from "#lib/domain/policy";
import { DEFAULT_POLICY_TEXT } from "#lib/policy/default-policy";
import { FACT_SCHEMA, policyFunctions } from "#lib/policy/facts";
import { completionAt } from "./policy-complete.ts";

const SCHEMA: PolicySchemaView = {
  facts: FACT_SCHEMA.map(({ fields, ...fact }) => ({ ...fact, fields: [...fields] })),
  functions: policyFunctions(),
  statuses: [...RULE_STATUSES],
};
const offered = (text: string) =>
  completionAt(text, text.length, SCHEMA)?.items.map((item) => item.text) ?? [];

describe("Completion of a policy's text", () => {
  it.each([
    ["when: lan", "lanes"],
    ["when: node.", "labels"],
    ["when: node.la", "labels"],
    ["when: node.name.", "matches("],
    ["when: node.labels.role.", "startsWith("],
    ["when: lanes.", "exists("],
    ["when: lanes.exists(l, l.", "afterFailure"],
    ["when: lanes.exists(l, l.state.", "startsWith("],
    ["when: drift.filter(d, d.ef", "effect"],
    ["when: lanes.filter(l, true)[0].sa", "says"],
    ["when: |\n      lanes.exists(l, true) && l", "lanes"],
    ["    status: de", "degraded"],
    ["  - i", "id: "],
    ["", "rules:"],
  ])("offers after %j: %s", (text, expected) => {
    expect(offered(text)).toContain(expected);
  });

  it.each([
    ["what a list has not", "when: lanes.", "state"],
    ["what only the other kind of line has", "when: lanes.exists(l, l.", "effect"],
    ["methods of another type", "when: lanes.", "startsWith("],
    ["statuses where none stands", "when: de", "degraded"],
  ])("does not offer %s", (_, text, unwanted) => {
    expect(offered(text)).not.toContain(unwanted);
  });

  it("keeps quiet after a full stop in a sentence, and when the word is whole", () => {
    expect(offered("    docs: The node failed.")).toEqual([]);
    expect(offered("when: lanes")).not.toContain("lanes");
  });

  it("offers, wherever the caret is, only what goes on with the word before it", () => {
    fc.assert(
      fc.property(fc.nat(DEFAULT_POLICY_TEXT.length), (caret) => {
        const found = completionAt(DEFAULT_POLICY_TEXT, caret, SCHEMA);
        if (!found) return;
        const word = DEFAULT_POLICY_TEXT.slice(found.from, caret);
        expect(word).toMatch(/^\w*$/);
        expect(found.items.every(({ text }) => text.startsWith(word) && text !== word)).toBe(true);
      }),
    );
  });
});
