import { describe, expect, it } from "vitest";
import { firstMeasuredTurn, type LaneMoment, measuredSpans } from "./measured-course.ts";

const said = (fromMs: number, toMs: number | null, digest: string | null): LaneMoment => ({
  fromMs,
  toMs,
  isGap: false,
  digest,
});
const gap = (fromMs: number, toMs: number | null): LaneMoment => ({
  fromMs,
  toMs,
  isGap: true,
  digest: "what was stated last",
});

describe("what a lane measured", () => {
  it("goes on through silence and through statements without measurements", () => {
    const line = [
      gap(0, 5),
      said(5, 10, "a"),
      gap(10, 20),
      said(20, 30, null),
      said(30, 40, "a"),
      said(40, null, "b"),
    ];
    expect(measuredSpans(line, 0)).toEqual([
      { fromMs: 5, toMs: 40, digest: "a" },
      { fromMs: 40, toMs: null, digest: "b" },
    ]);
    expect(measuredSpans(line, 25)).toEqual([
      { fromMs: 25, toMs: 40, digest: "a" },
      { fromMs: 40, toMs: null, digest: "b" },
    ]);
  });

  it("is news only from where it measures something else", () => {
    const before = [said(0, 10, "a"), said(10, null, "b")];
    expect(firstMeasuredTurn(before, before)).toBeNull();
    expect(firstMeasuredTurn(before, [said(0, 10, "a"), said(10, 20, "b"), gap(20, null)])).toBeNull();
    expect(firstMeasuredTurn(before, [said(0, 5, "a"), said(5, null, "b")])).toBe(5);
    expect(firstMeasuredTurn([], before)).toBe(0);
    expect(firstMeasuredTurn(before, [])).toBe(0);
  });
});
