import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CompareRef, type CompareTime, formatCompareRef, parseCompareRef } from "./compare-ref.ts";

const ID = "0199a0a0-0000-7000-8000-000000000001";
const time = fc.oneof(
  fc.constant<CompareTime>({ kind: "now" }),
  fc.constant<CompareTime>({ kind: "lastTrusted" }),
  fc
    .date({
      min: new Date("0001-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59Z"),
      noInvalidDate: true,
    })
    .map((date): CompareTime => ({ kind: "instant", iso: date.toISOString() })),
);
const ref = fc.oneof(
  fc
    .record({ nodeId: fc.option(fc.uuid()), at: time })
    .map((side): CompareRef => ({ kind: "node", ...side })),
  fc
    .record({ baselineId: fc.uuid(), version: fc.option(fc.integer({ min: 1, max: 1_000_000 })) })
    .map((side): CompareRef => ({ kind: "baseline", ...side })),
);

describe("a side of a comparison", () => {
  it("reads back as it was written", () => {
    fc.assert(
      fc.property(ref, (side) => {
        expect(parseCompareRef(formatCompareRef(side))).toEqual(side);
      }),
    );
  });

  it("is an instant, a word, a node or a baseline", () => {
    expect(parseCompareRef("lastTrusted")).toEqual({
      kind: "node",
      nodeId: null,
      at: { kind: "lastTrusted" },
    });
    expect(parseCompareRef("2026-06-01T12:00:00Z")).toEqual({
      kind: "node",
      nodeId: null,
      at: { kind: "instant", iso: "2026-06-01T12:00:00Z" },
    });
    expect(parseCompareRef(`node:${ID}`)).toEqual({ kind: "node", nodeId: ID, at: { kind: "now" } });
    expect(parseCompareRef(`node:${ID}@2026-06-01T12:00Z`)).toMatchObject({ at: { kind: "instant" } });
    expect(parseCompareRef(`baseline:${ID}`)).toEqual({ kind: "baseline", baselineId: ID, version: null });
    expect(parseCompareRef(`baseline:${ID}@12`)).toMatchObject({ version: 12 });
  });

  it.each([
    "",
    "yesterday",
    "2026-06-01T12:00:00+02:00",
    "node:",
    "node:x",
    `node:${ID}@`,
    `node:${ID}@now@now`,
    "baseline:",
    "baseline:v12",
    `baseline:${ID}@`,
    `baseline:${ID}@0`,
    `baseline:${ID}@1e3`,
    `baseline:${ID}@1@2`,
    "now ",
    "__proto__",
  ])("is nothing else: %s", (text) => {
    expect(parseCompareRef(text)).toBeNull();
  });

  it("never throws, whatever is asked", () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => void parseCompareRef(text)));
  });
});
