/** Words of requests and plans that the database, the API and the pages share. */

/** Most nodes of one request. */
export const TARGETS_MAX = 500;

/** Who asked: a person, a policy, a person who could not wait, or somebody who rehearses. */
export const REQUEST_ORIGINS = ["person", "policy", "break_glass", "drill"] as const;
export type RequestOrigin = (typeof REQUEST_ORIGINS)[number];

/** `fleet` = from our own data, `target` = read from what would be acted on. */
export const CHECK_SOURCES = ["fleet", "target"] as const;

/** `unknown` = whether it was done is not known: it is observed before anything is tried again. */
export const STEP_STATES = [
  "pending",
  "running",
  "done",
  "failed",
  "unknown",
  "skipped",
  "rolled_back",
] as const;

/** One condition of a plan, kept or not. */
export type PlanCheck = {
  rule: string;
  source: (typeof CHECK_SOURCES)[number];
  about: string;
  ok: boolean;
  /** It is not started while this is not kept. */
  blocking: boolean;
  sentence: string;
};
