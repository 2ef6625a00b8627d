/**
 * Containment without a person: whether a node's failure is one that may be acted on at once.
 *
 * Pure. Everything that speaks against it holds it back; nothing is tried again for the same failure.
 */
import { CLAIMS, meaningOfClaim } from "./ar4si.ts";
import type { Coverage } from "./verdict.ts";

/** `shadow` = only said what would be done; `request` = people are asked; `execute` = done at once. */
export const AUTOMATIC_MODES = ["off", "shadow", "request", "execute"] as const;
export type AutomaticMode = (typeof AUTOMATIC_MODES)[number];

/** What held it back, in the order in which it is looked for. */
export const HOLDS = [
  "not_hardware",
  "life_cycle",
  "critical",
  "paused",
  "breaker",
  "storm",
  "budget",
  "recipe",
  "blast_radius",
] as const;
export type Hold = (typeof HOLDS)[number];

/** What one line of evidence that failed rests on. */
export type FailedEvidence = {
  vector: readonly number[];
  coverage: readonly string[];
  /** `evidence` = it proves when it was measured. */
  freshness: string;
};

/** Claims about the machine itself. */
const MACHINE: ReadonlySet<string> = new Set(["instance-identity", "hardware"]);
/** Claims that a root of trust in hardware stands behind when what started was measured by it and quoted. */
const MEASURED: ReadonlySet<string> = new Set(["configuration", "executables"]);
const QUOTED: readonly Coverage[] = ["quote_signature", "measured_boot"];

/**
 * Whether hardware says for certain that something is bad. A measurement that nobody recognises, or that could
 * not be verified, is a gap of a baseline or a verifier as often as it is an attack.
 */
export function isHardwareRooted({ vector, coverage, freshness }: FailedEvidence): boolean {
  if (freshness !== "evidence") return false;
  const quoted = QUOTED.some((one) => coverage.includes(one));
  return CLAIMS.some((claim, index) => {
    if (meaningOfClaim(claim, vector[index] ?? 0) !== "known_bad") return false;
    return MACHINE.has(claim) || (quoted && MEASURED.has(claim));
  });
}

/** Everything that is known when a failure is judged. `null` = nothing speaks against it. */
export type AutomaticFacts = {
  evidence: readonly FailedEvidence[];
  /** Its life cycle lets it be quarantined, and nothing else is being done to it. */
  lifeCycle: string | null;
  /** The quorum that it takes part in. */
  quorum: string | null;
  paused: string | null;
  /** The incident whose breaker is on. */
  breaker: string | null;
  storm: string | null;
  /** How many nodes may still be taken. */
  budget: number;
  /** Of how many within ten minutes. */
  perWindow: number;
  /** What the recipe cannot bring about. */
  recipe: string | null;
  blastRadius: string | null;
};

const budgetWords = (perWindow: number) =>
  perWindow === 0
    ? "The limits let nothing be taken automatically."
    : `${perWindow === 1 ? "1 node was" : `${perWindow} nodes were`} taken within ten minutes already.`;

export type AutomaticJudgement = { heldBy: Hold | null; why: string };

export function judgeFailure(facts: AutomaticFacts): AutomaticJudgement {
  const rooted = facts.evidence.some(isHardwareRooted);
  const against: Readonly<Record<Hold, string | null>> = {
    not_hardware: rooted ? null : "No evidence that is rooted in hardware says for certain that it is bad.",
    life_cycle: facts.lifeCycle,
    critical: facts.quorum === null ? null : `It takes part in ${facts.quorum}: people decide about that.`,
    paused: facts.paused,
    breaker: facts.breaker,
    storm: facts.storm,
    budget: facts.budget > 0 ? null : budgetWords(facts.perWindow),
    recipe: facts.recipe,
    blast_radius: facts.blastRadius,
  };
  const heldBy = HOLDS.find((hold) => against[hold] !== null) ?? null;
  if (heldBy !== null) return { heldBy, why: against[heldBy] ?? "" };
  return { heldBy: null, why: "Evidence that is rooted in hardware says that it is bad." };
}
