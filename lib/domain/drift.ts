/**
 * Drift: what the evidence of a node says that its baselines do not expect.
 *
 * Pure. Times are epoch milliseconds.
 */
import type { ToleranceEffect } from "./baseline.ts";

export const DRIFT_CLASSES = ["authorised", "benign", "unexplained", "malicious_like"] as const;
/** From what somebody allowed to what looks like an attack; the order is from best to worst. */
export type DriftClass = (typeof DRIFT_CLASSES)[number];

/** One stretch in which a lane of a node differed from its baselines in the same way. */
export type DriftInterval = {
  sourceId: string;
  submod: string;
  fromMs: number;
  /** `null` = still so. */
  toMs: number | null;
  /** The worst class of its findings; `null` = it was compared and nothing differs. */
  worst: DriftClass | null;
  /** What the worst finding does to the node; `null` = nothing. Authorised and benign ones only note. */
  effect: ToleranceEffect | null;
  /** Weighted sum over its findings, see the classifier. 0 = nothing differs. */
  score: number;
  findings: Readonly<Record<DriftClass, number>>;
  /** One sentence for people: the worst finding, and how many more. */
  reason: string;
  /** What it was compared with. */
  baselines: readonly { id: string; name: string; version: number }[];
};
