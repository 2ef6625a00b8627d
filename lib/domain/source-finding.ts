/** What is wrong with a source, and since when: findings about the watchers themselves. */

/** Most urgent first. */
export const FINDING_KINDS = ["silent", "weakened", "misconfigured", "skewed"] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** One stretch in which something was wrong. Times are epoch milliseconds. */
export type SourceFinding = {
  kind: FindingKind;
  /** Tells several findings of a kind apart; may be empty. */
  subject: string;
  sinceMs: number;
  /** `null` = still so. */
  untilMs: number | null;
  detail: Readonly<Record<string, string | number | string[]>>;
  /** Nodes concerned, at most at once. */
  nodes: number;
  /** Evidence that began it, or that ended a silence; `null` = none. */
  firstEvidenceMs: number | null;
  /** Last evidence of it, or before a silence; `null` = none. */
  lastEvidenceMs: number | null;
};

/** What was checked before and after, in words. */
const LIST = (value: SourceFinding["detail"][string] | undefined) =>
  (Array.isArray(value) ? value : []).map((item) => item.replaceAll("_", " ")).join(", ") || "nothing";

/** A finding as one sentence for people; times and counts stand beside it. */
export function findingSentence({
  kind,
  subject,
  detail,
  untilMs,
}: Pick<SourceFinding, "kind" | "subject" | "detail" | "untilMs">): string {
  const open = untilMs === null;
  switch (kind) {
    case "silent":
      return open
        ? `Nothing has come from the whole source for more than ${minutes(detail.thresholdMs)}; what it said before does not count as a pass`
        : `Nothing came from the whole source for more than ${minutes(detail.thresholdMs)}; what it had said before did not count as a pass`;
    case "weakened":
      return weakenedSentence(subject, detail, open);
    case "misconfigured":
      return MISCONFIGURED[subject]?.(detail) ?? subject;
    case "skewed":
      return detail.sign === "ahead"
        ? `Its clock runs about ${minutes(detail.p50Ms)} ahead of ours; from 5 minutes on its events are refused`
        : `Its clock runs about ${minutes(detail.p95Ms)} behind ours, or what it says arrives that late`;
  }
}

function weakenedSentence(subject: string, detail: SourceFinding["detail"], open: boolean): string {
  const verb = open ? "pass" : "passed";
  if (subject === "policy") {
    return `Nodes ${verb} under ${LIST(detail.after)}, before it was ${LIST(detail.before)}: the verifier ${open ? "checks" : "checked"} less`;
  }
  const item = subject.replace("coverage:", "").replaceAll("_", " ");
  return `Nodes ${verb} without a check of ${item}, which it made for nearly all of them before; now ${LIST(detail.after)}`;
}

const MISCONFIGURED: Readonly<Record<string, (detail: SourceFinding["detail"]) => string>> = {
  "verdicts-expire": ({ validForMs, cadenceMs }) =>
    `Its verdicts are valid for ${minutes(validForMs)} but come every ${minutes(cadenceMs)}: let it attest more often, or issue them for longer`,
  "limit-below-cadence": ({ limitMs, cadenceMs }) =>
    `The silence limit of ${minutes(limitMs)} is shorter than the ${minutes(cadenceMs)} between two verdicts, so nodes turn stale in between: raise the limit or let it be learnt`,
  "timeout-below-cadence": () =>
    "Nodes swing between no answer and good: the verifier's own timeout is shorter than its agents' report interval. Raise the verifier's interval above it (Keylime: quote_interval × 5 must exceed attestation_interval_seconds)",
};

function minutes(ms: SourceFinding["detail"][string] | undefined): string {
  const seconds = Math.round(Math.abs(Number(ms)) / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 360) / 10} h`;
}

/** Names a finding among all of a source. */
export function findingKey({
  kind,
  subject,
  sinceMs,
}: Pick<SourceFinding, "kind" | "subject" | "sinceMs">): string {
  return `${kind} ${subject} ${sinceMs}`;
}

/**
 * The difference between the findings on record and those that the evidence amounts to.
 *
 * What people are told about a finding (its end, its detail) is part of it: when that changes, the
 * old row stays for whoever asks what was known before.
 */
export function reviseFindings<Stored extends SourceFinding>(
  stored: readonly Stored[],
  computed: readonly SourceFinding[],
): { supersede: Stored[]; add: SourceFinding[] } {
  const wanted = new Map(computed.map((finding) => [findingKey(finding), finding]));
  const kept = new Set<string>();
  const supersede = stored.filter((old) => {
    const now = wanted.get(findingKey(old));
    const same = now !== undefined && now.untilMs === old.untilMs && sameDetail(now, old);
    if (same) kept.add(findingKey(old));
    return !same;
  });
  return { supersede, add: computed.filter((finding) => !kept.has(findingKey(finding))) };
}

function sameDetail(a: SourceFinding, b: SourceFinding): boolean {
  const text = ({ detail }: SourceFinding) =>
    JSON.stringify(Object.entries(detail).sort(([x], [y]) => (x < y ? -1 : 1)));
  return a.nodes === b.nodes && text(a) === text(b);
}
