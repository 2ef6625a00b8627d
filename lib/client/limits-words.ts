/** Limits of remediation as they are typed, and what they allow, in words. */
import type { LimitsRoom, PreviewLimitsBody } from "#lib/contracts/remediation-limits";
import { LIMIT_BOUNDS, LIMIT_NUMBERS, type LimitNumber } from "#lib/domain/remediation-limits";
import { formatPlural } from "./format.ts";

export type LimitValues = PreviewLimitsBody["limits"];

/** Limits as they are typed. */
export type LimitsDraft = Record<LimitNumber, string> &
  Record<"poolLabels" | "failureDomainLabels" | "controlPlaneLabels", string>;

export function draftOfLimits(limits: LimitValues): LimitsDraft {
  const numbers = Object.fromEntries(LIMIT_NUMBERS.map((name) => [name, String(limits[name])]));
  return {
    ...(numbers as Record<LimitNumber, string>),
    poolLabels: limits.poolLabels.join(", "),
    failureDomainLabels: limits.failureDomainLabels.join(", "),
    controlPlaneLabels: limits.controlPlaneLabels.join(", "),
  };
}

/** @returns `null` while a number is none, or out of its bounds; what is wrong with labels the API says */
export function limitsOfDraft(draft: LimitsDraft): LimitValues | null {
  const names = (text: string) =>
    text
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "");
  for (const name of LIMIT_NUMBERS) {
    const [least, most] = LIMIT_BOUNDS[name];
    const value = Number(draft[name]);
    if (draft[name].trim() === "" || !Number.isInteger(value) || value < least || value > most) return null;
  }
  const numbers = Object.fromEntries(LIMIT_NUMBERS.map((name) => [name, Number(draft[name])]));
  return {
    ...(numbers as Record<LimitNumber, number>),
    poolLabels: names(draft.poolLabels),
    failureDomainLabels: names(draft.failureDomainLabels),
    controlPlaneLabels: names(draft.controlPlaneLabels),
  };
}

/** `pool gpu: 2 of 23 may be out; 1 is` */
export function poolSentence({ nodes, mayBeAway, away }: LimitsRoom["pools"][number], name: string): string {
  const out = away === 0 ? "none is" : `${away} ${away === 1 ? "is" : "are"}`;
  return `${name}: ${mayBeAway} of ${nodes} may be out; ${out}.`;
}

export function quorumSentence(
  { members, away, majority, oneMore }: LimitsRoom["quorums"][number],
  name: string,
): string {
  const out = away === 0 ? "all serve" : `${away} ${away === 1 ? "is" : "are"} out`;
  const more = oneMore ? "one more may be acted on" : "none may be acted on now";
  return `${name}: ${formatPlural(members, "member")}, ${out}, ${majority} must stay; ${more}.`;
}
