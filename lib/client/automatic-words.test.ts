import { describe, expect, it } from "vitest";
import { AUTOMATIC_MODES, HOLDS } from "#lib/domain/automatic";
import { judgementWords, MODE_WORDS, sumsSentence } from "./automatic-words.ts";

describe("containment without a person, in words", () => {
  it("never says that something was done in shadow", () => {
    expect(judgementWords({ mode: "shadow", outcome: "acts", heldBy: null })).toBe(
      "would have been quarantined",
    );
    expect(sumsSentence("shadow", { acts: 2, held: 1 })).toContain(
      "2 nodes would have been quarantined, 1 left alone",
    );
    expect(judgementWords({ mode: "execute", outcome: "acts", heldBy: null })).toBe("quarantined");
    expect(judgementWords({ mode: "request", outcome: "acts", heldBy: null })).toBe("quarantine requested");
  });

  it("has words for every mode and for all that can hold it back", () => {
    for (const mode of AUTOMATIC_MODES) expect(MODE_WORDS[mode].does).toMatch(/\.$/);
    const said = HOLDS.map((heldBy) => judgementWords({ mode: "execute", outcome: "held", heldBy }));
    expect(new Set(said).size).toBe(HOLDS.length);
  });
});
