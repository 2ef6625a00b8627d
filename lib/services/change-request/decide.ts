/** The second person's vote. */
import { z } from "zod";
import { auditInsert } from "#db/queries/audit";
import { type ChangeRow, changeLock, changeSetState, voteInsert } from "#db/queries/change-request";
import { type ChangeView, DecideChangeBody } from "#lib/contracts/change-request";
import type { Permission } from "#lib/domain/access";
import { type ChangeRefusal, type ChangeState, decide } from "#lib/domain/change-request";
import { type ProblemCode, ProblemError } from "#lib/domain/problems";
import { command, entryBase } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { announceDecided } from "./announce-change.ts";
import { changeGet } from "./get.ts";
import { type ChangeKind, changeKindOf } from "./kinds.ts";
import { personActor, voterNow } from "./person.ts";

const REFUSALS: Record<ChangeRefusal, { code: ProblemCode; detail: string }> = {
  "already-decided": { code: "change/decided", detail: "Somebody has decided this request already." },
  expired: { code: "change/expired", detail: "Nobody decided it in time. Propose it again." },
  "own-request": { code: "change/own-request", detail: "A second person must decide what you proposed." },
  "role-lost": { code: "auth/forbidden", detail: "Your role does not allow this any more." },
  "plan-changed": {
    code: "change/plan-changed",
    detail: "What would be done now is not what was proposed. Deny it, and propose it again.",
  },
};

/** Held by whoever may decide some kind; which kind it is shows only under the lock. */
const PERMISSION: Permission = "change:decide";

/**
 * Approve or deny a request. An approval is carried out in the same transaction.
 *
 * @param kinds the registered kinds, from the composition root
 * @throws {ProblemError} `change/not-found`, `change/decided`, `change/expired`, `change/own-request`,
 *   `change/plan-changed`, `auth/forbidden`, or what the kind refuses with
 */
export async function decideChange(
  ctx: ServiceContext,
  body: DecideChangeBody & { requestId: string },
  kinds: readonly ChangeKind[],
): Promise<ChangeView> {
  await decideWith(kinds)(ctx, body);
  return changeGet(ctx, { requestId: body.requestId }, kinds);
}

const decideWith = (kinds: readonly ChangeKind[]) =>
  command({
    name: "change.decide",
    permission: PERMISSION,
    input: DecideChangeBody.safeExtend({ requestId: z.uuid() }),
    target: ({ requestId }) => requestId,
    async run(tx, ctx, { requestId, decision, planHash, reason = null }) {
      const actor = personActor(ctx.actor);
      const row = await changeLock(tx, actor.trustDomainIds, requestId);
      if (!row) throw new ProblemError("change/not-found", `No change request ${requestId}.`);
      const kind = changeKindOf(kinds, row.kind);
      const voter = await voterNow(tx, actor, row.trustDomainId, kind.permissionToDecide, ctx.now());
      const stored = row.planHash.toString("hex");
      // To deny must stay possible when the plan can no longer be made.
      const current =
        decision === "approve" ? (await kind.plan(tx, ctx, row.payload, true)).planHash : stored;
      const at = ctx.now();
      const request = {
        state: row.state as ChangeState,
        proposer: row.proposer,
        planHash: stored,
        expiresAtMs: row.expiresAt.getTime(),
      };
      const outcome = decide(request, voter, decision, { seen: planHash, current }, at.getTime());
      if (!outcome.ok) {
        const { code, detail } = REFUSALS[outcome.refusal];
        throw new ProblemError(code, detail);
      }
      const { trustDomainId, proposer } = row;
      const { person } = voter;
      const vote = { person, userId: actor.id, decision, reason, planHash: row.planHash, at };
      await voteInsert(tx, { trustDomainId, requestId, proposer, ...vote });
      await changeSetState(tx, row, outcome.state, at);
      await announceDecided(tx, row, outcome.state, at);
      if (outcome.state === "applied") await applyChange(kind, row, tx, ctx);
      return {
        result: undefined,
        audit: {
          trustDomainId,
          entity: "change",
          entityId: requestId,
          before: { state: row.state },
          after: { state: outcome.state, kind: row.kind, subject: row.subject, planHash: stored, reason },
        },
      };
    },
  });

/** Two entries: that it was decided, and what was done to the thing itself. */
async function applyChange(
  kind: ChangeKind,
  row: ChangeRow,
  tx: Parameters<ChangeKind["apply"]>[0],
  ctx: ServiceContext,
) {
  const note = await kind.apply(tx, ctx, row.payload, row.id);
  const base = entryBase(ctx, kind.kind);
  await auditInsert(tx, {
    ...base,
    ...note,
    trustDomainId: row.trustDomainId,
    outcome: "done",
    problemCode: null,
  });
}
