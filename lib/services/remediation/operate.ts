/** What people do to a request besides voting: take it back, look after it, stop it, let it go on, review it. */
import { z } from "zod";
import {
  executionFind,
  type RemediationRow,
  remediationUpdate,
  reviewFind,
  reviewUpdate,
} from "#db/queries/remediation";
import { pausesNow } from "#db/queries/remediation-facts";
import { BecauseBody, ClaimBody, type RemediationDetail, ReviewBody } from "#lib/contracts/remediation";
import { personOf } from "#lib/domain/change-request";
import { ProblemError } from "#lib/domain/problems";
import { isOver, type PlanFacts, type RequestState } from "#lib/domain/remediation";
import { type PersonActor, personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { announceReview } from "./announce-request.ts";
import { remediationGet } from "./get.ts";
import { moveRequest, wrongState } from "./move.ts";
import { lostMarks } from "./plan.ts";
import { lockedRequest, refuseClosed } from "./vote.ts";
import { hearingHeld, isRequester } from "./voters.ts";

const About = { requestId: z.uuid() };
/** Do something and answer with the request as it is then. */
const answering =
  <B extends { requestId: string }>(act: (ctx: ServiceContext, body: B) => Promise<unknown>) =>
  async (ctx: ServiceContext, body: B): Promise<RemediationDetail> => {
    await act(ctx, body);
    return remediationGet(ctx, { requestId: body.requestId });
  };

const note = (row: RemediationRow, before: unknown, after: unknown) => ({
  trustDomainId: row.trustDomainId,
  entity: "remediation",
  entityId: row.id,
  before,
  after,
});

/**
 * Take back one's own request while nothing was done.
 *
 * @throws {ProblemError} `remediation/not-found`, `/not-yours`, `/wrong-state`, `/expired`
 */
export const cancelRemediation = answering(
  command({
    name: "remediation.cancel",
    permission: "remediation:request",
    input: BecauseBody.extend(About),
    target: ({ requestId }) => requestId,
    async run(tx, ctx, { requestId, reason }) {
      const actor = personActor(ctx.actor);
      const at = ctx.now();
      const row = await lockedRequest(tx, actor.trustDomainIds, requestId);
      if (!isRequester(row, { userId: actor.id, email: actor.email }))
        throw new ProblemError("remediation/not-yours", "You did not ask for it. Deny it instead.");
      refuseClosed(row, at);
      const after = await moveRequest(tx, row, "cancel", {
        at,
        outcome: `${actor.email} took it back: ${reason}`,
      });
      return {
        result: undefined,
        audit: note(row, { state: row.state }, { state: after.state, reason }),
      };
    },
  }),
);

/**
 * Say that one looks at a request, or not any more. It binds nobody: whoever comes later takes it over.
 *
 * @throws {ProblemError} `remediation/not-found`, `/wrong-state`
 */
export const claimRemediation = answering(
  command({
    name: "remediation.claim",
    permission: "remediation:decide",
    input: ClaimBody.extend(About),
    target: ({ requestId }) => requestId,
    async run(tx, ctx, { requestId, claim }) {
      const actor = personActor(ctx.actor);
      const row = await lockedRequest(tx, actor.trustDomainIds, requestId);
      if (isOver(row.state as RequestState)) throw wrongState(row.state as RequestState);
      const set = claim
        ? { claimedBy: actor.id, claimedAt: ctx.now() }
        : { claimedBy: null, claimedAt: null };
      await remediationUpdate(tx, row, set);
      return {
        result: undefined,
        audit: note(row, { claimedBy: row.claimedBy }, { claimedBy: set.claimedBy }),
      };
    },
  }),
);

/**
 * Stop what is being done and take back what was. What has been approved and not begun is denied instead.
 *
 * @throws {ProblemError} `remediation/not-found`, `/wrong-state`
 */
export const abortRemediation = answering(
  command({
    name: "remediation.abort",
    permission: "remediation:operate",
    input: BecauseBody.extend(About),
    target: ({ requestId }) => requestId,
    async run(tx, ctx, { requestId, reason }) {
      const actor = personActor(ctx.actor);
      const at = ctx.now();
      const row = await lockedRequest(tx, actor.trustDomainIds, requestId);
      const after = await moveRequest(tx, row, "abort", {
        at,
        outcome: `${actor.email} stopped it: ${reason}`,
      });
      return {
        result: undefined,
        audit: note(row, { state: row.state }, { state: after.state, reason }),
      };
    },
  }),
);

/**
 * Let a partly failed request go on with what is not done yet.
 *
 * @throws {ProblemError} `remediation/not-found`, `/wrong-state`, `/paused`, `/not-sacrificial`
 */
export const retryRemediation = answering(
  command({
    name: "remediation.retry",
    permission: "remediation:operate",
    input: BecauseBody.extend(About),
    target: ({ requestId }) => requestId,
    async run(tx, ctx, { requestId, reason }) {
      const actor = personActor(ctx.actor);
      const at = ctx.now();
      const row = await lockedRequest(tx, actor.trustDomainIds, requestId);
      await refusePaused(tx, row, at);
      const nodeIds = (row.plan as PlanFacts).targets.map(({ nodeId }) => nodeId);
      const lost = await lostMarks(tx, row, nodeIds, at);
      if (lost !== null) throw new ProblemError("remediation/not-sacrificial", lost);
      const after = await moveRequest(tx, row, "retry", { at });
      const execution = await executionFind(tx, row);
      return {
        result: undefined,
        audit: note(
          row,
          { state: row.state, outcome: row.outcome },
          { state: after.state, reason, startedAt: execution?.startedAt ?? null },
        ),
      };
    },
  }),
);

async function refusePaused(
  tx: Parameters<typeof pausesNow>[0],
  row: RemediationRow,
  now: Date,
): Promise<void> {
  const pause = (await pausesNow(tx, [row.trustDomainId], now)).find(({ scope }) => scope === "all");
  if (!pause) return;
  const until = pause.expiresAt.toISOString();
  throw new ProblemError("remediation/paused", `Everything is held back until ${until}: ${pause.reason}`);
}

/**
 * Look afterwards at what somebody did at once: it was right, or it is disputed.
 *
 * @throws {ProblemError} `remediation/not-found` also when it needs no review, `/own-request`, `/reviewed`
 */
export const reviewRemediation = answering(
  command({
    name: "remediation.review",
    permission: "remediation:decide",
    input: ReviewBody.extend(About),
    target: ({ requestId }) => requestId,
    async run(tx, ctx, { requestId, decision, note: text }) {
      const actor: PersonActor = personActor(ctx.actor);
      const at = ctx.now();
      const row = await lockedRequest(tx, actor.trustDomainIds, requestId);
      const review = await reviewFind(tx, row);
      if (!review) throw new ProblemError("remediation/not-found", "It needs no review.");
      const hearing = await hearingHeld(tx, row, actor.id, at);
      const email = hearing.holders.find(({ userId }) => userId === actor.id)?.email;
      if (email === undefined)
        throw new ProblemError("auth/forbidden", "Your role does not allow this any more.");
      if (isRequester(row, { userId: actor.id, email }) || hearing.requesterNow.includes(personOf(email)))
        throw new ProblemError("remediation/own-request", "Somebody else must review what you did.");
      if (review.state !== "open")
        throw new ProblemError("remediation/reviewed", `It is ${review.state} already.`);
      await reviewUpdate(tx, row, { state: decision, reviewedBy: actor.id, reviewedAt: at, note: text });
      await announceReview(tx, row, `${decision}. ${text}`, at);
      return {
        result: undefined,
        audit: note(row, { review: review.state }, { review: decision, note: text, dueAt: review.dueAt }),
      };
    },
  }),
);
