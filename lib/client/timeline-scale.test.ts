import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fetchWindow, resolveInstant, resolveRange } from "./timeline-range.ts";
import {
  clampRange,
  MIN_SPAN_MS,
  msAt,
  panRange,
  type Range,
  rangeBetween,
  spanOf,
  timeTicks,
  xOf,
  zoomRange,
} from "./timeline-scale.ts";

const NOW = Date.UTC(2026, 10, 22, 10, 30);
const DAY = 86_400_000;

const range = fc
  .record({
    fromMs: fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2035, 0, 1) }),
    span: fc.oneof(
      fc.integer({ min: MIN_SPAN_MS, max: DAY }),
      fc.integer({ min: MIN_SPAN_MS, max: 4_000 * DAY }),
    ),
  })
  .map(({ fromMs, span }): Range => ({ fromMs, toMs: fromMs + span }));
const width = fc.integer({ min: 240, max: 2_000 });
const zone = fc.constantFrom("utc", "local");

describe("scale", () => {
  test("a pixel leads back to its instant", () => {
    fc.assert(
      fc.property(range, width, fc.double({ min: 0, max: 1, noNaN: true }), (r, w, share) => {
        const atMs = Math.round(r.fromMs + share * spanOf(r));
        expect(Math.abs(msAt(r, w, xOf(r, w, atMs)) - atMs)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("zooming keeps the instant under the pointer, and stays within the bounds", () => {
    fc.assert(
      fc.property(
        range,
        fc.double({ min: 0.1, max: 4, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (r, factor, share) => {
          const anchorMs = Math.round(r.fromMs + share * spanOf(r));
          const wide = { fromMs: r.fromMs - 10 * spanOf(r), toMs: r.toMs + 10 * spanOf(r) };
          const zoomed = zoomRange(r, factor, anchorMs, wide);
          expect(spanOf(zoomed)).toBeGreaterThanOrEqual(MIN_SPAN_MS);
          expect(zoomed.fromMs).toBeGreaterThanOrEqual(wide.fromMs);
          expect(zoomed.toMs).toBeLessThanOrEqual(wide.toMs);
          const before = xOf(r, 1, anchorMs);
          const after = xOf(zoomed, 1, anchorMs);
          expect(after).toBeCloseTo(before, 3);
        },
      ),
    );
  });

  test("panning never changes the length nor leaves the bounds", () => {
    fc.assert(
      fc.property(range, fc.integer({ min: -40 * DAY, max: 40 * DAY }), (r, by) => {
        const bounds = { fromMs: r.fromMs - DAY, toMs: r.toMs + DAY };
        const panned = panRange(r, by, bounds);
        expect(spanOf(panned)).toBe(spanOf(r));
        expect(clampRange(panned, bounds)).toEqual(panned);
      }),
    );
  });

  test("a range between two instants has them as its ends, in order, and is never empty", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: NOW }), fc.integer({ min: 0, max: NOW }), (a, b) => {
        const between = rangeBetween(a, b);
        expect(between.fromMs).toBe(Math.min(a, b));
        expect(spanOf(between)).toBeGreaterThanOrEqual(MIN_SPAN_MS);
      }),
    );
  });
});

describe("timeTicks", () => {
  test("ticks lie within the range, in order, apart from each other, and there is never a crowd", () => {
    fc.assert(
      fc.property(range, width, zone, (r, w, z) => {
        const ticks = timeTicks(r, w, z);
        expect(ticks.length).toBeLessThanOrEqual(w / 68 + 3);
        for (const [i, { atMs, label }] of ticks.entries()) {
          expect(atMs).toBeGreaterThanOrEqual(r.fromMs);
          expect(atMs).toBeLessThanOrEqual(r.toMs);
          expect(label).not.toBe("");
          const next = ticks[i + 1];
          // Months, and days around a clock change, are not all equally long.
          if (next) expect(xOf(r, w, next.atMs) - xOf(r, w, atMs)).toBeGreaterThan(60);
        }
      }),
    );
  });

  test("days are labelled by their date and hours by their time", () => {
    const week = timeTicks({ fromMs: NOW - 7 * DAY, toMs: NOW }, 900, "utc");
    expect(week.map(({ label }) => label)).toEqual([
      "16 Nov",
      "17 Nov",
      "18 Nov",
      "19 Nov",
      "20 Nov",
      "21 Nov",
      "22 Nov",
    ]);
    const hours = timeTicks({ fromMs: NOW - 4 * 3_600_000, toMs: NOW }, 400, "utc");
    expect(hours.map(({ label }) => label)).toEqual(["07:00", "08:00", "09:00", "10:00"]);
  });
});

describe("resolveInstant", () => {
  test("reads relative and absolute instants and nothing else", () => {
    expect(resolveInstant("now", NOW)).toBe(NOW);
    expect(resolveInstant("now-7d", NOW)).toBe(NOW - 7 * DAY);
    expect(resolveInstant("now-90m", NOW)).toBe(NOW - 5_400_000);
    expect(resolveInstant("now/d", NOW)).toBe(Date.UTC(2026, 10, 22));
    expect(resolveInstant("2026-11-21T10:00:00Z", NOW)).toBe(Date.UTC(2026, 10, 21, 10));
    for (const text of [
      "",
      "yesterday",
      "now-",
      "now+1d",
      "2026-11-21",
      "2026-13-41T10:00:00Z",
      "<script>",
    ]) {
      expect(resolveInstant(text, NOW)).toBeNull();
    }
  });
});

describe("resolveRange", () => {
  test("is never empty, whatever the URL says", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (from, to) => {
        expect(spanOf(resolveRange(from, to, NOW, NOW - DAY))).toBeGreaterThan(0);
      }),
    );
    expect(spanOf(resolveRange("now", "now-7d", NOW, NOW))).toBeGreaterThan(0);
    expect(resolveRange("all", "now", NOW, NOW - 40 * DAY)).toEqual({ fromMs: NOW - 40 * DAY, toMs: NOW });
  });
});

describe("fetchWindow", () => {
  test("covers the range and is not much longer", () => {
    fc.assert(
      fc.property(range, (r) => {
        const window = fetchWindow(r);
        expect(window.fromMs).toBeLessThanOrEqual(r.fromMs);
        expect(window.toMs).toBeGreaterThan(r.toMs);
        expect(spanOf(window)).toBeLessThanOrEqual(2 * spanOf(r) + 4 * 65_536);
      }),
    );
  });

  test("stays the same while little time passes", () => {
    const at = (nowMs: number) => fetchWindow({ fromMs: nowMs - 7 * DAY, toMs: nowMs });
    expect(at(NOW + 60_000)).toEqual(at(NOW));
  });
});
