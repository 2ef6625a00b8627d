/** Which facts a correction of recorded history amounts to. */
import type { TrustStatus } from "#lib/domain/trust-status";
import type { DriftFact, TrustFact } from "./fact.ts";

export type LineTurn = { fromMs: number; state: TrustStatus; reason: string; policyVersion: string };

/**
 * What is new about a node's own line.
 *
 * Intervals that go on in the same status are no news, whatever their bounds and reasons. What was said before and is
 * not believed any more is taken back, so that who adds the facts up believes what we believe.
 *
 * @param stored the line as it was believed, oldest first
 * @param computed the same as it is believed now
 */
export function trustNews(stored: readonly LineTurn[], computed: readonly LineTurn[]): TrustFact[] {
  const [told, now] = [turnsOf(stored), turnsOf(computed)];
  const keyOf = ({ fromMs, status }: TrustFact) => `${fromMs} ${status}`;
  const known = new Set(told.map(keyOf));
  const kept = new Set(now.map(keyOf));
  const withdrawn = told.filter((turn) => !kept.has(keyOf(turn)));
  return [
    ...withdrawn.map((turn) => ({ ...turn, change: "withdrawn" as const })),
    ...now.filter((turn) => !known.has(keyOf(turn))),
  ];
}

function turnsOf(line: readonly LineTurn[]): TrustFact[] {
  return line.flatMap(({ fromMs, state, reason, policyVersion }, index): TrustFact[] => {
    const before = line[index - 1]?.state ?? null;
    if (before === state) return [];
    return [{ kind: "trust", change: "entered", status: state, before, reason, policyVersion, fromMs }];
  });
}

export type FindingTurn = Omit<DriftFact, "kind" | "change">;

/**
 * What is new about the findings of one lane: opened, closed, or taken back.
 *
 * A finding that was only described anew opens again under the same beginning: its last fact is how it is.
 */
export function driftNews(superseded: readonly FindingTurn[], added: readonly FindingTurn[]): DriftFact[] {
  const keyOf = ({ fingerprint, fromMs }: FindingTurn) => `${fingerprint} ${fromMs}`;
  const now = new Map(added.map((finding) => [keyOf(finding), finding]));
  const before = new Map(superseded.map((finding) => [keyOf(finding), finding]));
  const factOf = (finding: FindingTurn, change: DriftFact["change"]): DriftFact => ({
    kind: "drift",
    change,
    ...finding,
  });
  return [
    ...superseded
      .filter((finding) => !now.has(keyOf(finding)))
      .map((finding) => factOf(finding, "withdrawn")),
    ...added.flatMap((finding): DriftFact[] => {
      const known = before.get(keyOf(finding));
      const opened =
        finding.toMs === null || known === undefined ? [factOf({ ...finding, toMs: null }, "opened")] : [];
      return finding.toMs === null ? opened : [...opened, factOf(finding, "closed")];
    }),
  ];
}
