/** Trust status: the one word that a node (or one line of its evidence) is given, and why. */
import { statedClaims } from "./ar4si.ts";
import type { Verdict } from "./verdict.ts";

export const TRUST_STATUSES = [
  "trusted",
  "degraded",
  "failed",
  "quarantined",
  "pending",
  "stale",
  "exempt",
] as const;
export type TrustStatus = (typeof TRUST_STATUSES)[number];

/** States of one line of evidence; the rest of the statuses come from elsewhere (people, silence). */
export const LANE_STATES = ["trusted", "degraded", "failed", "pending", "stale"] as const;
export type LaneState = (typeof LANE_STATES)[number];

type Statement = Pick<Verdict, "outcome" | "tier" | "vector" | "reasons" | "coverage">;

/**
 * State that one verdict puts its lane in.
 *
 * Contraindicated is `failed` and warning is `degraded`, whatever the outcome: the outcome says why,
 * not how bad. A verdict without a tier is good for nothing: nobody answered is `stale` at once,
 * evidence that could not be judged is `degraded`, no statement at all is `pending`.
 */
export function laneStateOf({ outcome, tier }: Pick<Statement, "outcome" | "tier">): LaneState {
  switch (tier) {
    case "affirming":
      return "trusted";
    case "warning":
      return "degraded";
    case "contraindicated":
      return "failed";
    case "none":
      if (outcome === "unreachable") return "stale";
      return outcome === "could_not_verify" ? "degraded" : "pending";
  }
}

const OUTCOME_SENTENCE: Record<Statement["outcome"], string> = {
  verified_good: "Verified good",
  verified_bad: "Known bad",
  not_recognised: "Not recognised",
  could_not_verify: "Could not be verified",
  unreachable: "The verifier got no answer",
  pending: "No statement yet",
};

/**
 * Why a verdict has its state, as one short sentence for people.
 *
 * Names the first stated reason, else the worst claims; a pass names what was checked, or says that
 * the verifier does not tell.
 */
export function reasonSentence({ outcome, tier, vector, reasons, coverage }: Statement): string {
  const weakness = outcome === "verified_bad" && tier === "warning";
  const lead = weakness ? "Known weakness" : OUTCOME_SENTENCE[outcome];
  if (outcome === "verified_good") {
    return coverage.length > 0
      ? `${lead}: ${coverage.map((c) => c.replaceAll("_", " ")).join(", ")}`
      : `${lead}, but the verifier does not say what it checked`;
  }
  const [first, ...more] = reasons;
  if (first) {
    const rest = more.length > 0 ? ` (and ${more.length} more)` : "";
    return `${lead}: ${first.detail ?? first.code}${rest}`;
  }
  const worst = statedClaims(vector).filter((claim) => claim.tier === tier);
  if (worst.length === 0) return lead;
  return `${lead}: ${worst.map(({ claim, value }) => `${claim} ${value}`).join(", ")}`;
}

/** From nothing to worst; used to break ties and to fuse lanes. */
const SEVERITY: Record<LaneState, number> = { pending: 0, trusted: 1, stale: 2, degraded: 3, failed: 4 };

export function severityOf(state: LaneState): number {
  return SEVERITY[state];
}
