/** Rules of admission in words. */
import type { AdmissionClause, AdmissionDecision, AdmissionRule } from "#lib/domain/admission";

export const DECISION_WORDS: Readonly<Record<AdmissionDecision, string>> = {
  allow: "admitted",
  warn: "admitted with a warning",
  deny: "denied",
};

/** What is asked for one purpose, as a sentence. */
export function clauseSentence({ require, unknown, stale, maxEvidenceAgeMs }: AdmissionClause): string {
  const asked = require === "trusted" ? "Nodes must be trusted" : "Nodes must not be shut out";
  const age = maxEvidenceAgeMs === null ? "" : `, as is evidence older than ${spanWords(maxEvidenceAgeMs)}`;
  return `${asked}. Unknown ones are ${DECISION_WORDS[unknown]}; with evidence that has run out they are ${DECISION_WORDS[stale]}${age}.`;
}

/** What happens while our own knowledge is too old. */
export function outageSentence({ outage, maxStateAgeMs }: AdmissionRule): string {
  const since = `While nothing new is known for ${spanWords(maxStateAgeMs)}`;
  return outage === "closed"
    ? `${since}, every node is denied.`
    : `${since}, what was known last decides, with a warning.`;
}

function spanWords(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
