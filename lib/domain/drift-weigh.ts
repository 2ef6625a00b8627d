/**
 * What differences of a lane weigh together, and what that does to the node.
 *
 * Pure. The classifier and the preview of other settings both ask here, so that a preview cannot say
 * anything else than what then happens. What a difference *is* (its class) is decided by rules and no
 * setting changes it.
 */
import type { ToleranceEffect } from "./baseline.ts";
import type { DriftClass } from "./drift.ts";
import type { DriftSettings } from "./drift-settings.ts";
import type { Layer } from "./layers.ts";

/** Differences of one layer that are of one class and do the same by themselves. */
export type Tally = { layer: Layer; class: DriftClass; effect: ToleranceEffect; count: number };

export type Weight = {
  score: number;
  /** What the differences do to the node; `null` = there are none. */
  effect: ToleranceEffect | null;
  /** Why the effect is worse than any single difference has it; `null` = it is not. */
  lifted: string | null;
};

const EFFECTS: readonly ToleranceEffect[] = ["note", "degrade", "fail"];

/** From harmless to worst. */
export const rankOfEffect = (effect: ToleranceEffect): number => EFFECTS.indexOf(effect);

/** Sums per layer, compared with the layer's thresholds. A threshold only ever makes things worse. */
export function weigh(tallies: readonly Tally[], settings: DriftSettings): Weight {
  const sums = new Map<Layer, number>();
  for (const { layer, class: cls, count } of tallies) {
    sums.set(layer, (sums.get(layer) ?? 0) + settings[layer].weights[cls] * count);
  }
  const single = tallies.reduce<ToleranceEffect | null>((worst, { effect }) => worseOf(worst, effect), null);
  const over = overThreshold(sums, settings);
  return {
    score: [...sums.values()].reduce((total, sum) => total + sum, 0),
    effect: over ? worseOf(single, over.effect) : single,
    lifted: over?.why ?? null,
  };
}

/** The worst that a threshold does; of equal ones that of the layer that came first. */
function overThreshold(
  sums: ReadonlyMap<Layer, number>,
  settings: DriftSettings,
): { effect: ToleranceEffect; why: string } | null {
  let worst: { effect: ToleranceEffect; why: string } | null = null;
  for (const [layer, sum] of sums) {
    const { degradeAt, failAt } = settings[layer];
    const reached =
      failAt !== null && sum >= failAt ? "fail" : degradeAt !== null && sum >= degradeAt ? "degrade" : null;
    if (reached === null || (worst && rankOfEffect(worst.effect) >= rankOfEffect(reached))) continue;
    worst = { effect: reached, why: `${layer.replaceAll("_", " ")} reaches a score of ${sum}` };
  }
  return worst;
}

function worseOf(a: ToleranceEffect | null, b: ToleranceEffect): ToleranceEffect {
  return a !== null && rankOfEffect(a) >= rankOfEffect(b) ? a : b;
}
