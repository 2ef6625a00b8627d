/**
 * Baselines: what the evidence of some nodes is expected to say.
 *
 * Pure. A baseline has immutable versions; a rollout says which version holds for which part of the
 * nodes between two instants. Times are epoch milliseconds.
 */
import type { Layer } from "./layers.ts";

export const TOLERANCE_EFFECTS = ["fail", "degrade", "note"] as const;
/** What an unexplained difference does to the node's status. */
export type ToleranceEffect = (typeof TOLERANCE_EFFECTS)[number];

/** How strictly one layer is compared. */
export type Tolerance = {
  unexplained: ToleranceEffect;
  /** Entries below the scope that the baseline does not know. */
  added: "drift" | "tolerated";
  /** Entries of the baseline that the evidence does not have. */
  removed: "drift" | "tolerated";
  /** `newer`: a version number that is not lower than an accepted one is an upgrade, not a difference. */
  values: "exact" | "newer";
};

/** What holds for a layer about which the baseline says nothing. */
export const STRICT: Tolerance = {
  unexplained: "degrade",
  added: "drift",
  removed: "drift",
  values: "exact",
};

/** What a version expects. */
export type BaselineContent = {
  /**
   * Path prefixes that it speaks for completely: what is measured below them and not listed is an
   * addition. `[""]` = everything. Listed entries are compared wherever they are.
   */
  scope: readonly string[];
  /** Accepted values per path; several = any of them. */
  entries: Readonly<Record<string, readonly string[]>>;
  /** RE2 patterns of whole paths that are not compared at all. */
  ignore: readonly string[];
  tolerances: Readonly<Partial<Record<Layer, Tolerance>>>;
};

/** What selectors see of a node. */
export type SelectorNode = {
  id: string;
  name: string;
  labels: Readonly<Record<string, string>>;
  /** Kinds and values of its identities in use. */
  identities: Readonly<Record<string, readonly string[]>>;
};

/** `target` = what nodes should be; `accepted` = what they may (still, or already) be during an upgrade. */
export type RolloutPart = "target" | "accepted";

/** One stretch in which a version holds for a part of the baseline's nodes. */
export type Rollout = {
  version: number;
  part: RolloutPart;
  /** CEL; narrows the baseline's own selector. Empty = all of its nodes. */
  selector: string;
  /** 1–100; which nodes are in is decided by their id alone, so a larger share contains a smaller one. */
  percent: number;
  fromMs: number;
  /** `null` = still in force. */
  toMs: number | null;
};
