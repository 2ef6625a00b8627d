/** A stored change request as the API shows it. */
import type { ListedChange, VoteRow } from "#db/queries/change-request";
import { ChangePreview, type ChangeSummary, type ChangeView } from "#lib/contracts/change-request";
import { type Actor, can } from "#lib/domain/access";
import { type ChangeDecision, type ChangeState, personOf, stateAt } from "#lib/domain/change-request";
import type { ChangeKind } from "./kinds.ts";

/** Who a person's own requests belong to; `null` for whoever is no person. */
export const personOfActor = (actor: Actor) => (actor.kind === "user" ? personOf(actor.email) : null);

/** @param kind `undefined` when this version does not know the kind: then nobody can decide it */
export function changeSummary(
  row: ListedChange,
  { kind, actor, now }: { kind: ChangeKind | undefined; actor: Actor; now: Date },
): ChangeSummary {
  const { id, summary, reason } = row;
  const expiresAtMs = row.expiresAt.getTime();
  const state = stateAt({ state: row.state as ChangeState, expiresAtMs }, now.getTime());
  const mine = row.proposer === personOfActor(actor);
  const mayDecide = actor.kind === "user" && kind !== undefined && can(actor, kind.permissionToDecide);
  return {
    id,
    kind: row.kind,
    kindLabel: kind?.label ?? row.kind,
    summary,
    reason,
    state,
    proposedBy: row.email,
    proposedAt: row.proposedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    mine,
    waitingOnMe: state === "pending" && !mine && mayDecide,
  };
}

/** @param parts `planHash` = of the plan as it would be made now; `null` when it can no longer be made */
export function changeView(
  row: ListedChange,
  parts: {
    kind: ChangeKind | undefined;
    actor: Actor;
    votes: readonly VoteRow[];
    planHash: string | null;
    now: Date;
  },
): ChangeView {
  const summary = changeSummary(row, parts);
  const planHash = row.planHash.toString("hex");
  return {
    ...summary,
    payload: row.payload as ChangeView["payload"],
    planHash,
    preview: ChangePreview.parse(row.preview),
    planCurrent: summary.state === "pending" ? parts.planHash === planHash : null,
    votes: parts.votes.map(({ email, decision, reason, at }) => ({
      email,
      decision: decision as ChangeDecision,
      reason,
      at: at.toISOString(),
    })),
  };
}
