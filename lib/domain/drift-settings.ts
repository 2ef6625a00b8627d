/**
 * How heavily differences weigh: weights per layer and class, and thresholds on their sums.
 *
 * Pure. A threshold only ever makes things worse: it lifts the effect that single findings have.
 */
import type { DriftClass } from "./drift.ts";
import { LAYERS, type Layer } from "./layers.ts";

export type LayerSetting = {
  /** What one finding of each class adds to the score. */
  weights: Readonly<Record<DriftClass, number>>;
  /** Sum over the layer's findings from which on it at least degrades, or fails; `null` = never. */
  degradeAt: number | null;
  failAt: number | null;
};

export type DriftSettings = Readonly<Record<Layer, LayerSetting>>;

/** A version of the settings; it holds from its instant until the next one. */
export type DriftSettingsVersion = { version: number; fromMs: number; settings: DriftSettings };

/** What one difference weighs at most, and the highest threshold. All are whole numbers, so that sums are exact. */
export const SETTING_LIMITS = { weight: 1_000, threshold: 1_000_000 } as const;

/** What one unexplained difference weighs: the deeper it sits in the machine, the more. */
const UNEXPLAINED: Readonly<Record<Layer, number>> = {
  firmware: 40,
  boot: 40,
  secure_boot: 50,
  kernel: 30,
  cmdline: 30,
  ima_file: 10,
  container_runtime: 10,
  image: 20,
  config: 5,
  role: 40,
};

/** What holds until somebody sets something else. */
export const DEFAULT_SETTINGS = Object.fromEntries(
  LAYERS.map((layer): [Layer, LayerSetting] => [
    layer,
    {
      weights: { authorised: 0, benign: 0, unexplained: UNEXPLAINED[layer], malicious_like: 100 },
      degradeAt: 100,
      failAt: null,
    },
  ]),
) as DriftSettings;

/** Number of the built-in settings; versions that people make begin at 1. */
const BUILT_IN_VERSION = 0;

export const BUILT_IN: DriftSettingsVersion = {
  version: BUILT_IN_VERSION,
  fromMs: Number.NEGATIVE_INFINITY,
  settings: DEFAULT_SETTINGS,
};
