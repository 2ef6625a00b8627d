/** Containment without a person, in words. */
import type { AutomaticReport } from "#lib/contracts/automatic";
import type { AutomaticMode, Hold } from "#lib/domain/automatic";
import { formatPlural } from "./format.ts";

export const MODE_WORDS: Readonly<Record<AutomaticMode, { label: string; does: string }>> = {
  off: { label: "Off", does: "Nothing is judged. People find failures and ask for quarantine themselves." },
  shadow: {
    label: "Shadow",
    does: "Each new failure is judged, and what would have been done is reported here. No node is touched.",
  },
  request: {
    label: "Request",
    does: "A node whose hardware says for certain that it is bad gets a request for quarantine. People approve it.",
  },
  execute: {
    label: "Execute",
    does: "A node whose hardware says for certain that it is bad is quarantined at once, without approval.",
  },
};

const HOLD_WORDS: Readonly<Record<Hold, string>> = {
  not_hardware: "not certain from hardware",
  life_cycle: "its life cycle",
  critical: "control plane",
  paused: "paused by people",
  breaker: "the breaker is on",
  storm: "a storm",
  budget: "too many lately",
  recipe: "nothing can isolate it",
  blast_radius: "limits",
};

/** What one judgement came to, as a badge says it. */
export function judgementWords({
  mode,
  outcome,
  heldBy,
}: Pick<AutomaticReport["items"][number], "mode" | "outcome" | "heldBy">): string {
  if (outcome === "held") return `left alone: ${heldBy === null ? "held" : HOLD_WORDS[heldBy]}`;
  if (mode === "shadow") return "would have been quarantined";
  return mode === "request" ? "quarantine requested" : "quarantined";
}

const DID: Readonly<Record<Exclude<AutomaticMode, "off">, string>> = {
  shadow: "would have been quarantined",
  request: "asked for",
  execute: "quarantined",
};

/** What came of it since it is set as it is. */
export function sumsSentence(
  mode: Exclude<AutomaticMode, "off">,
  { acts, held }: AutomaticReport["sums"],
): string {
  return `Since then: ${formatPlural(acts, "node")} ${DID[mode]}, ${held} left alone.`;
}
