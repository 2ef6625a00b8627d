import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ToleranceEffect } from "./baseline.ts";
import { DRIFT_CLASSES, type DriftClass } from "./drift.ts";
import type { DriftSettings, LayerSetting } from "./drift-settings.ts";
import { rankOfEffect, type Tally, weigh } from "./drift-weigh.ts";
import { LAYERS, type Layer } from "./layers.ts";

const weight = fc.integer({ min: 0, max: 1_000 });
const threshold = fc.option(fc.integer({ min: 1, max: 2_000 }));
const layerSetting: fc.Arbitrary<LayerSetting> = fc.record({
  weights: fc.record({ authorised: weight, benign: weight, unexplained: weight, malicious_like: weight }),
  degradeAt: threshold,
  failAt: threshold,
});
const settingsOf: fc.Arbitrary<DriftSettings> = fc.record(
  Object.fromEntries(LAYERS.map((layer) => [layer, layerSetting])) as Record<
    Layer,
    fc.Arbitrary<LayerSetting>
  >,
);
const tally: fc.Arbitrary<Tally> = fc.record({
  layer: fc.constantFrom(...LAYERS),
  class: fc.constantFrom<DriftClass>(...DRIFT_CLASSES),
  effect: fc.constantFrom<ToleranceEffect>("note", "degrade", "fail"),
  count: fc.integer({ min: 1, max: 50 }),
});
const rank = (effect: ToleranceEffect | null) => (effect === null ? -1 : rankOfEffect(effect));

describe("the weight of a lane", () => {
  it("is the same whether differences are counted together or one by one", () => {
    fc.assert(
      fc.property(fc.array(tally, { maxLength: 8 }), settingsOf, (tallies, settings) => {
        const single = tallies.flatMap((one) =>
          Array.from({ length: one.count }, () => ({ ...one, count: 1 })),
        );
        expect(weigh(single, settings)).toEqual(weigh(tallies, settings));
      }),
    );
  });

  it("never makes a node better than its worst difference does", () => {
    fc.assert(
      fc.property(fc.array(tally, { maxLength: 8 }), settingsOf, (tallies, settings) => {
        const worst = Math.max(-1, ...tallies.map(({ effect }) => rankOfEffect(effect)));
        expect(rank(weigh(tallies, settings).effect)).toBeGreaterThanOrEqual(worst);
      }),
    );
  });

  it("never falls when a difference is added", () => {
    fc.assert(
      fc.property(fc.array(tally, { maxLength: 8 }), tally, settingsOf, (tallies, more, settings) => {
        const [before, after] = [weigh(tallies, settings), weigh([...tallies, more], settings)];
        expect(after.score).toBeGreaterThanOrEqual(before.score);
        expect(rank(after.effect)).toBeGreaterThanOrEqual(rank(before.effect));
      }),
    );
  });

  it("of no difference is nothing, whatever the settings", () => {
    fc.assert(
      fc.property(settingsOf, (settings) => {
        expect(weigh([], settings)).toEqual({ score: 0, effect: null, lifted: null });
      }),
    );
  });

  it("reaches a threshold at exactly its sum, and only with the differences of its own layer", () => {
    const none: LayerSetting = {
      weights: { authorised: 0, benign: 0, unexplained: 10, malicious_like: 100 },
      degradeAt: null,
      failAt: null,
    };
    const settings = {
      ...(Object.fromEntries(LAYERS.map((layer) => [layer, none])) as Record<Layer, LayerSetting>),
      config: { ...none, degradeAt: 30, failAt: 50 },
    };
    const of = (layer: Layer, count: number): Tally => ({
      layer,
      class: "unexplained",
      effect: "note",
      count,
    });
    expect(weigh([of("config", 2), of("kernel", 9)], settings).effect).toBe("note");
    expect(weigh([of("config", 3)], settings)).toEqual({
      score: 30,
      effect: "degrade",
      lifted: "config reaches a score of 30",
    });
    expect(weigh([of("config", 5)], settings).effect).toBe("fail");
  });
});
