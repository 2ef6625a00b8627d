import { describe, expect, it } from "vitest";
import { DEFAULT_ADMISSION_RULE } from "#lib/domain/admission";
import { clauseSentence, outageSentence } from "./admission-words.ts";

describe("the words of a rule", () => {
  it("say what is asked, and what happens to unknown nodes and old evidence", () => {
    expect(clauseSentence(DEFAULT_ADMISSION_RULE.work)).toBe(
      "Nodes must be trusted. Unknown ones are denied; with evidence that has run out they are denied.",
    );
    const join = { ...DEFAULT_ADMISSION_RULE.join, unknown: "warn", maxEvidenceAgeMs: 900_000 } as const;
    expect(clauseSentence(join)).toBe(
      "Nodes must not be shut out. Unknown ones are admitted with a warning; with evidence that has run out they are admitted, as is evidence older than 15 min.",
    );
  });

  it("tell closed from open", () => {
    expect(outageSentence(DEFAULT_ADMISSION_RULE)).toBe(
      "While nothing new is known for 30 s, every node is denied.",
    );
    expect(outageSentence({ ...DEFAULT_ADMISSION_RULE, outage: "open" })).toMatch(/what was known last/);
  });
});
