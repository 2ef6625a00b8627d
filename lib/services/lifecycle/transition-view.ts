/** A stored transition as the API shows it. */
import type { TransitionRow } from "#db/queries/lifecycle";
import type { TransitionView } from "#lib/contracts/lifecycle";
import { FACT_NOTES, type FactNote } from "#lib/domain/lifecycle-record";
import { iso } from "#lib/services/instant";

export function transitionView(row: TransitionRow): TransitionView {
  return {
    at: iso(row.at),
    recordedAt: iso(row.recordedAt),
    outcome: row.outcome as TransitionView["outcome"],
    from: row.from as TransitionView["from"],
    to: row.to as TransitionView["to"],
    rule: row.transitionId ?? row.ruleId ?? "",
    reason: row.reason,
    event: row.event,
    cause: {
      kind: row.causeKind as TransitionView["cause"]["kind"],
      id: row.causeId,
      sourceName: row.sourceName,
      reasonCode: row.reasonCode,
      reasonText: row.reasonText,
    },
    actor: { kind: row.actor.kind, id: row.actor.id },
    policyVersion: row.policyVersion,
    notes: row.notes.flatMap((code) =>
      code in FACT_NOTES ? [{ code: code as FactNote, text: FACT_NOTES[code as FactNote] }] : [],
    ),
    afterMs: Math.max(0, row.at - row.enteredAt),
  };
}
