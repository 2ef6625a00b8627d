/** Steps of an execution in words. */

/** As the worker keeps it; `unknown` = nobody knows whether the effect happened, so it is looked at, not repeated. */
export type StepState = "pending" | "running" | "done" | "failed" | "unknown" | "skipped" | "rolled_back";

export const STEP_WORDS: Readonly<Record<StepState, string>> = {
  pending: "to do",
  running: "running",
  done: "done",
  failed: "failed",
  unknown: "outcome not known",
  skipped: "skipped",
  rolled_back: "rolled back",
};

export const STEP_TONES: Readonly<Record<StepState, "neutral" | "accent" | "warn" | "danger">> = {
  pending: "neutral",
  running: "accent",
  done: "neutral",
  failed: "danger",
  unknown: "warn",
  skipped: "neutral",
  rolled_back: "warn",
};

/** Most facts of one step that are shown at once. */
const FACTS = 8;
const FACT_MAX = 120;

/** What was read back from the target, as `name value` pairs; nested values as JSON. `null` = nothing was read. */
export function observedFacts(observed: unknown): { name: string; value: string }[] | null {
  if (observed === null || observed === undefined) return null;
  const entries =
    typeof observed === "object" && !Array.isArray(observed)
      ? Object.entries(observed as Record<string, unknown>)
      : [["observed", observed] as const];
  return entries.slice(0, FACTS).map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return { name, value: text.length > FACT_MAX ? `${text.slice(0, FACT_MAX)}…` : text };
  });
}
