import type { RemediationDetail } from "#lib/contracts/remediation";
import { displayText, formatAge } from "./format.ts";

type Raced = Pick<RemediationDetail, "state" | "votes" | "outcome">;

/**
 * What somebody who was about to decide must be told when others were faster; `null` = there is still something to
 * decide, or it was they themselves.
 */
export function raceSentence({ state, votes, outcome }: Raced, nowMs: number): string | null {
  if (state === "pending") return null;
  const last = [...votes].sort((a, b) => Date.parse(b.at) - Date.parse(a.at))[0];
  if (last?.mine) return null;
  if (last && state !== "expired" && state !== "cancelled" && state !== "superseded") {
    const did = last.decision === "deny" ? "denied" : "approved";
    return `Already ${did} by ${displayText(last.email).text} ${formatAge(last.at, nowMs)} ago.`;
  }
  return outcome === null ? null : displayText(outcome).text;
}
