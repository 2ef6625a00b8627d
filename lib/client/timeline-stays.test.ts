import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LifecycleStay } from "#lib/contracts/node";
import { layoutStays, stayAt, stayReason } from "./timeline-stays.ts";

const stay = (fromMs: number, toMs: number | null): LifecycleStay => ({
  state: "enrolling",
  from: new Date(fromMs).toISOString(),
  to: toMs === null ? null : new Date(toMs).toISOString(),
  rule: "T03",
  event: "enrollment.requested",
  recordedAt: new Date(fromMs).toISOString(),
  refused: 0,
});

describe("layoutStays", () => {
  it("keeps every box within the frame, wide enough to be seen, and labels only where there is room", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(10_000), { minLength: 1, maxLength: 20 }), (cuts) => {
        const at = cuts.sort((a, b) => a - b);
        const stays = at.map((from, index) => stay(from, at[index + 1] ?? null));
        for (const box of layoutStays(stays, { fromMs: 2_000, toMs: 8_000 }, 500, 9_000)) {
          expect(box.xPx).toBeGreaterThanOrEqual(0);
          expect(box.widthPx).toBeGreaterThanOrEqual(2);
          expect(box.xPx + box.widthPx).toBeLessThanOrEqual(502);
          if (box.label) expect(box.widthPx).toBeGreaterThan(box.label.length * 6);
        }
      }),
    );
  });

  it("shows the stay that covers the whole range, and none outside of it", () => {
    const boxes = layoutStays(
      [stay(0, 100), stay(100, 9_000), stay(9_000, null)],
      { fromMs: 500, toMs: 1_000 },
      300,
      9_500,
    );
    expect(boxes).toMatchObject([{ xPx: 0, widthPx: 300, label: "Enrolling" }]);
  });

  it("finds the narrowest stay under the pointer", () => {
    const boxes = layoutStays(
      [stay(0, 500), stay(500, 505), stay(505, 1_000)],
      { fromMs: 0, toMs: 1_000 },
      100,
      1_000,
    );
    expect(stayAt(boxes, 50)?.stay.from).toBe(new Date(500).toISOString());
    expect(stayAt(boxes, 10)?.stay.from).toBe(new Date(0).toISOString());
    expect(stayAt(boxes, 400)).toBeNull();
  });
});

describe("stayReason", () => {
  it("names what led into the stay and what was refused during it", () => {
    expect(stayReason({ ...stay(0, null), rule: null, event: null })).toBe("First seen");
    expect(stayReason({ ...stay(0, null), event: "timer.enroll_timeout", rule: "T06", refused: 2 })).toBe(
      "No credential within 10 minutes (T06); 2 attempts refused meanwhile",
    );
  });
});
