/** What people say to a request: approve it, deny it, make it smaller, hand their say on. */
import { z } from "zod";
import type { Tx } from "#db/client";
import {
  accountsOf,
  delegationInsert,
  type RemediationRow,
  remediationLock,
  remediationTargetsPut,
  remediationUpdate,
  remediationVoteInsert,
} from "#db/queries/remediation";
import { planNodes } from "#db/queries/remediation-facts";
import { DelegateBody, NarrowBody, type RemediationDetail, VoteBody } from "#lib/contracts/remediation";
import { personOf } from "#lib/domain/change-request";
import { ProblemError } from "#lib/domain/problems";
import { isOpenToVotes, type PlanFacts, type RequestState } from "#lib/domain/remediation";
import { approvedEnd } from "#lib/domain/remediation-plan";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { planNote, targetsOf } from "./file.ts";
import { remediationGet } from "./get.ts";
import { moveRequest, wrongState } from "./move.ts";
import { hashOf, makePlan, recheckPlan } from "./plan.ts";
import type { RemediationTools } from "./tools.ts";
import { type Account, type Hearing, hearingHeld, judge, refusalOf, refusalProblem } from "./voters.ts";

const About = { requestId: z.uuid() };

/** The request, locked. @throws {ProblemError} `remediation/not-found` */
export async function lockedRequest(
  tx: Tx,
  scope: readonly string[],
  requestId: string,
): Promise<RemediationRow> {
  const row = await remediationLock(tx, scope, requestId);
  if (!row) throw new ProblemError("remediation/not-found", `No remediation request ${requestId}.`);
  return row;
}

/** @throws {ProblemError} `remediation/expired`, `remediation/wrong-state` when nobody may speak any more */
export function refuseClosed(row: RemediationRow, now: Date): void {
  const state = row.state as RequestState;
  if (!isOpenToVotes(state)) throw wrongState(state);
  if (now >= row.expiresAt)
    throw new ProblemError("remediation/expired", "Its time is over. Ask for it again.");
}

/**
 * Approve or deny. The last approval that is needed makes it approved; any denial ends it.
 *
 * An approval of a plan that is not what would be done any more ends the request: it is superseded, on record,
 * and then refused.
 *
 * @throws {ProblemError} `remediation/not-found`, `/wrong-state`, `/expired`, `/own-request`, `/excluded`,
 *   `/not-asked`, `/voted`, `/plan-changed`, `auth/forbidden`
 */
export async function voteRemediation(
  ctx: ServiceContext,
  body: VoteBody & { requestId: string },
  tools: RemediationTools,
): Promise<RemediationDetail> {
  const changes = await vote(tools)(ctx, body);
  if (changes.length > 0) {
    throw new ProblemError(
      "remediation/plan-changed",
      `${changes.join(" ")} The request is superseded: ask for it again.`,
    );
  }
  return remediationGet(ctx, { requestId: body.requestId });
}

const vote = (tools: RemediationTools) =>
  command({
    name: "remediation.vote",
    permission: "remediation:decide",
    input: VoteBody.extend(About),
    target: ({ requestId }) => requestId,
    async run(tx, ctx, { requestId, decision, planHash, reason }) {
      const actor = personActor(ctx.actor);
      const at = ctx.now();
      const row = await lockedRequest(tx, actor.trustDomainIds, requestId);
      refuseClosed(row, at);
      const voter = await accountNow(tx, actor);
      const hearing = await hearingHeld(tx, row, voter.userId, at);
      const refusal = refusalOf(hearing, voter);
      if (refusal !== null) throw refusalProblem(refusal);
      refuseOtherPlan(row, planHash);
      if (decision === "approve" && row.state !== "pending") throw wrongState(row.state as RequestState);
      refuseTwice(hearing, row, voter, decision);
      const changes = decision === "approve" ? await recheckPlan(tx, row, tools, at) : [];
      const after =
        changes.length > 0
          ? await moveRequest(tx, row, "supersede", { at, outcome: changes.join(" ") })
          : await spoken(tx, row, { voter, decision, reason, at });
      return {
        result: changes,
        audit: {
          trustDomainId: row.trustDomainId,
          entity: "remediation",
          entityId: requestId,
          before: { state: row.state },
          after: { state: after.state, decision, reason, planHash, ...(changes.length > 0 && { changes }) },
        },
      };
    },
  });

async function accountNow(tx: Tx, actor: { id: string; email: string }): Promise<Account> {
  const accounts = await accountsOf(tx, [actor.id]);
  return { userId: actor.id, email: accounts.get(actor.id) ?? actor.email };
}

function refuseOtherPlan(row: RemediationRow, seen: string): void {
  const stored = row.planHash.toString("hex");
  if (seen === stored) return;
  const detail = `The plan is ${stored} now.`;
  throw new ProblemError("remediation/plan-changed", `You saw another plan. ${detail}`, {
    pointers: [{ pointer: "#/planHash", detail: stored }],
  });
}

function refuseTwice(hearing: Hearing, row: RemediationRow, voter: Account, decision: string): void {
  const person = personOf(voter.email);
  const before = hearing.votes.some(
    (vote) =>
      vote.decision === decision &&
      vote.planHash.equals(row.planHash) &&
      (vote.person === person || vote.userId === voter.userId),
  );
  if (before)
    throw new ProblemError("remediation/voted", "You have voted so already, with this or another account.");
}

/** Write the vote down and do what all votes together amount to. */
async function spoken(
  tx: Tx,
  row: RemediationRow,
  { voter, decision, reason, at }: { voter: Account; decision: "approve" | "deny"; reason: string; at: Date },
): Promise<RemediationRow> {
  await remediationVoteInsert(tx, {
    trustDomainId: row.trustDomainId,
    requestId: row.id,
    person: personOf(voter.email),
    requester: row.requester,
    userId: voter.userId,
    decision,
    reason,
    planHash: row.planHash,
    at,
  });
  const { state } = judge(await hearingHeld(tx, row, voter.userId, at));
  if (state === "denied") {
    return moveRequest(tx, row, "deny", { at, outcome: `${voter.email} denied it: ${reason}` });
  }
  return state === "met" && row.state === "pending" ? approved(tx, row, at) : row;
}

/** Enough people agreed: it waits for its start now. */
export function approved(tx: Tx, row: RemediationRow, at: Date): Promise<RemediationRow> {
  const expiresAt = new Date(approvedEnd(at.getTime(), row.plan as PlanFacts, null));
  return moveRequest(tx, row, "approve", { at, set: { approvedAt: at, expiresAt } });
}

/**
 * Make a request that still waits smaller. It is another plan then: whoever voted votes again.
 *
 * @throws {ProblemError} as a vote; `request/invalid` for nodes that it is not about, or all of them
 */
export async function narrowRemediation(
  ctx: ServiceContext,
  body: NarrowBody & { requestId: string },
  tools: RemediationTools,
): Promise<RemediationDetail> {
  await narrow(tools)(ctx, body);
  return remediationGet(ctx, { requestId: body.requestId });
}

const narrow = (tools: RemediationTools) =>
  command({
    name: "remediation.narrow",
    permission: "remediation:decide",
    input: NarrowBody.extend(About),
    target: ({ requestId }) => requestId,
    async run(tx, ctx, { requestId, planHash, nodeIds, reason }) {
      const actor = personActor(ctx.actor);
      const at = ctx.now();
      const row = await lockedRequest(tx, actor.trustDomainIds, requestId);
      refuseClosed(row, at);
      if (row.state !== "pending") throw wrongState(row.state as RequestState);
      const voter = await accountNow(tx, actor);
      const refusal = refusalOf(await hearingHeld(tx, row, voter.userId, at), voter);
      if (refusal !== null) throw refusalProblem(refusal);
      refuseOtherPlan(row, planHash);
      const old = row.plan as PlanFacts;
      const kept = keptOf(old, nodeIds);
      const nodes = await planNodes(tx, [row.trustDomainId], kept, row.id);
      const { action, recipe, params, startAtMs, window, drill } = old;
      const made = await makePlan(
        tx,
        row.trustDomainId,
        { action, nodes, recipe, params, startAtMs, window, drill: drill !== undefined },
        tools,
        { now: at, refuse: true },
      );
      // It is the same question about fewer nodes, so it has no more time.
      const facts = { ...made.facts, expiresAtMs: old.expiresAtMs };
      const plan = { ...made, facts, planHash: hashOf(facts) };
      const live = (row.checks as { source: string }[]).filter(({ source }) => source === "target");
      await remediationTargetsPut(tx, row, targetsOf(nodes));
      const after = await remediationUpdate(tx, row, {
        plan: facts,
        planHash: plan.planHash,
        recipeVersion: facts.recipeVersion,
        rules: plan.rules,
        checks: [...plan.checks, ...live],
        excluded: plan.excluded,
      });
      if (!after) throw new Error("The request changed although its row was locked");
      return {
        result: undefined,
        audit: {
          trustDomainId: row.trustDomainId,
          entity: "remediation",
          entityId: requestId,
          before: { planHash, nodes: old.targets.map(({ nodeId }) => nodeId) },
          after: { ...planNote(plan), reason },
        },
      };
    },
  });

function keptOf(plan: PlanFacts, nodeIds: readonly string[]): string[] {
  const kept = [...new Set(nodeIds)];
  const foreign = kept.some((id) => !plan.targets.some(({ nodeId }) => nodeId === id));
  if (!foreign && kept.length < plan.targets.length) return kept;
  const detail = foreign
    ? "Only nodes of the request can stay in it."
    : "This would leave all of them in it.";
  throw new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/nodeIds", detail }] });
}

/**
 * Let somebody else speak in one's place, on this request and once.
 *
 * @throws {ProblemError} as a vote; `user/not-found` for somebody who may not decide; `remediation/voted` when
 *   one has spoken already
 */
export async function delegateRemediation(
  ctx: ServiceContext,
  body: DelegateBody & { requestId: string },
): Promise<RemediationDetail> {
  await delegate(ctx, body);
  return remediationGet(ctx, { requestId: body.requestId });
}

const delegate = command({
  name: "remediation.delegate",
  permission: "remediation:decide",
  input: DelegateBody.extend(About),
  target: ({ requestId }) => requestId,
  async run(tx, ctx, { requestId, to, reason }) {
    const actor = personActor(ctx.actor);
    const at = ctx.now();
    const row = await lockedRequest(tx, actor.trustDomainIds, requestId);
    refuseClosed(row, at);
    const giver = await accountNow(tx, actor);
    const hearing = await hearingHeld(tx, row, giver.userId, at);
    const refusal = refusalOf(hearing, giver);
    if (refusal !== null) throw refusalProblem(refusal);
    if (
      hearing.votes.some(({ userId, planHash }) => userId === giver.userId && planHash.equals(row.planHash))
    )
      throw new ProblemError("remediation/voted", "You have spoken already.");
    const taker = hearing.holders.find(({ userId }) => userId === to && userId !== giver.userId);
    if (!taker)
      throw new ProblemError("user/not-found", "There is no such person, or their role may not decide.");
    const takes = refusalOf(hearing, taker);
    // Whom nobody asked is asked from now on; what else stands against them stays.
    if (takes !== null && takes !== "not-asked")
      throw new ProblemError("remediation/not-asked", `${taker.email} has no say in it.`);
    const key = { trustDomainId: row.trustDomainId, requestId, fromUser: giver.userId };
    await delegationInsert(tx, { ...key, toUser: to, reason, at });
    return {
      result: undefined,
      audit: {
        trustDomainId: row.trustDomainId,
        entity: "remediation",
        entityId: requestId,
        before: null,
        after: { from: giver.email, to: taker.email, reason },
      },
    };
  },
});
