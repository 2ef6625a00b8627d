/** Settings of a verifier that contradict how often it reports. Pure. */
import { medianOf } from "./cadence.ts";
import type { Outcome } from "./verdict.ts";

export type Misconfiguration =
  | { subject: "verdicts-expire"; detail: { validForMs: number; cadenceMs: number } }
  | { subject: "limit-below-cadence"; detail: { limitMs: number; cadenceMs: number } }
  | { subject: "timeout-below-cadence"; detail: Record<string, never> };

/** Turns from no answer to good, per line, from which on it is the timeout and not the node. */
const FEWEST_TURNS = 2;

/**
 * What contradicts itself.
 *
 * @param validForMs how long recent verdicts are valid by their own dates; empty = they do not say
 * @param fixedLimitMs a limit that an operator set; `null` = learnt or none
 * @param outcomes of recent verdicts, per line and in order of time
 */
export function misconfigurationsOf({
  cadenceMs,
  validForMs,
  fixedLimitMs,
  outcomes,
}: {
  cadenceMs: number | null;
  validForMs: readonly number[];
  fixedLimitMs: number | null;
  outcomes: readonly (readonly Outcome[])[];
}): Misconfiguration[] {
  const found: Misconfiguration[] = [];
  const valid = medianOf(validForMs);
  if (cadenceMs !== null && valid !== null && valid < cadenceMs) {
    found.push({ subject: "verdicts-expire", detail: { validForMs: valid, cadenceMs } });
  }
  if (cadenceMs !== null && fixedLimitMs !== null && fixedLimitMs < cadenceMs) {
    found.push({ subject: "limit-below-cadence", detail: { limitMs: fixedLimitMs, cadenceMs } });
  }
  const swinging = outcomes.filter((line) => turnsOf(line) >= FEWEST_TURNS).length;
  if (swinging > 0 && swinging * 2 >= outcomes.length) {
    found.push({ subject: "timeout-below-cadence", detail: {} });
  }
  return found;
}

function turnsOf(outcomes: readonly Outcome[]): number {
  return outcomes.filter(
    (outcome, index) => outcome === "verified_good" && outcomes[index - 1] === "unreachable",
  ).length;
}
