import { describe, expect, it } from "vitest";
import { foldLane } from "./history.ts";
import { laneAt, SILENT_REASON, silenceOf } from "./silence.ts";

const lane = { label: "lab", state: "trusted" as const, sinceMs: 0, lastMs: 100, staleAfterMs: 50 };

describe("silence", () => {
  it("says the same as the fold does when it writes a gap down", () => {
    const statement = {
      outcome: "verified_good",
      tier: "affirming",
      vector: [],
      measurementDigest: null,
      kid: null,
    } as const;
    const verdict = {
      atMs: 100,
      hash: "a",
      state: "trusted",
      evidenceKey: "k",
      reason: "fine",
      statement,
    } as const;
    for (const nowMs of [149, 151]) {
      const last = foldLane([verdict], 50, nowMs, (roll, hash) => roll + hash).at(-1);
      expect(laneAt(lane, nowMs).state).toBe(last?.state);
      const silence = silenceOf("trusted", [lane], nowMs);
      expect(silence?.reason).toBe(last?.state === "stale" ? last.reason : undefined);
      expect(silence?.sinceMs).toBe(last?.state === "stale" ? last.fromMs : undefined);
    }
    expect(SILENT_REASON).toBe("No evidence: silent for longer than its limit");
  });

  it("begins at the limit itself: intervals are half-open", () => {
    expect(laneAt(lane, 149).state).toBe("trusted");
    expect(laneAt(lane, 150)).toEqual({ state: "stale", sinceMs: 150 });
    expect(silenceOf("trusted", [lane], 150)?.sinceMs).toBe(150);
  });

  it("never improves a node, and what people decided stands", () => {
    for (const status of ["failed", "quarantined", "exempt", "stale"] as const) {
      expect(silenceOf(status, [lane], 1_000)).toBeNull();
    }
  });

  it("ends a status only when every lane is silent, and from the last one on", () => {
    const other = { ...lane, label: "gpu", lastMs: 300 };
    expect(silenceOf("trusted", [lane, other], 320)).toBeNull();
    expect(silenceOf("trusted", [lane, other], 400)).toEqual({ sinceMs: 350, reason: "Silent: lab, gpu" });
    expect(silenceOf("trusted", [lane, { ...other, staleAfterMs: null }], 9_999)).toBeNull();
    expect(silenceOf("pending", [], 9_999)).toBeNull();
  });
});
