/** Joining by decision: what a node's line says while a person has not let it in. */
import { type FusedInterval, sameLine } from "./fuse.ts";

export const ENROLMENT_SETTINGS = ["accept", "ask"] as const;
/** Whether nodes that a source introduces wait for a person. */
export type EnrolmentSetting = (typeof ENROLMENT_SETTINGS)[number];

export const ENROLMENT_STATES = ["waiting", "paused", "accepted", "denied"] as const;
export type EnrolmentState = (typeof ENROLMENT_STATES)[number];

export const ENROLMENT_VERDICTS = ["paused", "accepted", "denied"] as const;
/** What a person can decide. */
export type EnrolmentVerdict = (typeof ENROLMENT_VERDICTS)[number];

/** One decision, in force until the next. */
export type EnrolmentDecision = { atMs: number; state: EnrolmentVerdict; reason: string };

/**
 * Why a decision may not be made, as a sentence; `null` = it may.
 *
 * Accepting and denying can be taken back by each other, and what was accepted may be paused. A pause
 * asks for less than a denial, so it never takes the place of one.
 */
export function refuseDecision(from: EnrolmentState, to: EnrolmentVerdict): string | null {
  if (from === to) return `This enrolment is ${to} already.`;
  return from === "denied" && to === "paused" ? "This enrolment is denied; there is nothing to pause." : null;
}

/**
 * A node's own line under the decisions about its enrolment.
 *
 * Nothing is trusted while a person has not said yes: what would be `trusted` or `exempt` is `pending`
 * with the reason. What is worse stays as bad as it is, because a hold never improves a node.
 *
 * @param line without holes, in order of time
 * @param decisions in order of time; until the first one the node waits
 */
export function holdLine(
  line: readonly FusedInterval[],
  decisions: readonly EnrolmentDecision[],
): FusedInterval[] {
  const held: FusedInterval[] = [];
  for (const interval of line) {
    const inside = decisions.filter(
      ({ atMs }) => atMs > interval.fromMs && (interval.toMs === null || atMs < interval.toMs),
    );
    for (const fromMs of [interval.fromMs, ...inside.map(({ atMs }) => atMs)]) {
      const next = holdMoment(interval, decisions.findLast(({ atMs }) => atMs <= fromMs) ?? null);
      const previous = held.at(-1);
      const { policyVersion } = interval;
      if (previous && sameLine(previous, { ...next, policyVersion })) continue;
      if (previous) previous.toMs = fromMs;
      held.push({ fromMs, toMs: null, ...next, policyVersion });
    }
  }
  const last = held.at(-1);
  if (last) last.toMs = line.at(-1)?.toMs ?? null;
  return held;
}

function holdMoment(
  { state, reason }: Pick<FusedInterval, "state" | "reason">,
  decision: EnrolmentDecision | null,
): Pick<FusedInterval, "state" | "reason"> {
  if (decision?.state === "accepted") return { state, reason };
  const why = decision
    ? `Enrolment ${decision.state}: ${decision.reason}`
    : "Waiting for a decision on its enrolment";
  if (state === "trusted" || state === "exempt" || state === "pending")
    return { state: "pending", reason: why };
  return { state, reason: `${reason}. ${why}` };
}
