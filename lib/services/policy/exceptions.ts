/** Exceptions: for some nodes a rule does not count for a while. */
import { z } from "zod";
import { clientOf, type Tx } from "#db/client";
import {
  policyExceptionEnd,
  policyExceptionInsert,
  policyExceptionList,
  policyVersionList,
} from "#db/queries/policy";
import { decideAgainInsert } from "#db/queries/policy-work";
import {
  EndExceptionBody,
  ExceptionBody,
  type ExceptionView,
  type PolicyExceptionList,
} from "#lib/contracts/policy";
import { ProblemError } from "#lib/domain/problems";
import { BUILT_IN } from "#lib/policy/course";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { readScope } from "#lib/services/guard";
import { uuidv7 } from "#lib/services/uuidv7";
import { bundleOf, policyNamed, refuseSelector } from "./resolve.ts";

const DAY_MS = 86_400_000;
/** An exception that nobody looks at again is a hole. */
const LONGEST_MS = 180 * DAY_MS;
const UNUSED_AFTER_MS = 7 * DAY_MS;

/** Newest first, with those that nothing came of and those that are over marked. */
export async function policyExceptions(ctx: ServiceContext): Promise<PolicyExceptionList> {
  const scope = readScope(ctx, "policy:read");
  const nowMs = ctx.now().getTime();
  const rows = await policyExceptionList(ctx.db, scope);
  return {
    items: rows.map((row): ExceptionView => {
      const { id, policyName, ruleId, selector, reason, matches } = row;
      const unused = matches === 0 && nowMs - row.validFrom.getTime() >= UNUSED_AFTER_MS;
      const state = row.validTo.getTime() <= nowMs ? "expired" : unused ? "unused" : "in_force";
      return {
        ...{ id, policy: policyName, ruleId, selector, reason, matches, state },
        createdBy: row.createdByEmail,
        createdAt: row.createdAt.toISOString(),
        from: row.validFrom.toISOString(),
        until: row.validTo.toISOString(),
        lastMatchAt: row.lastMatchAt?.toISOString() ?? null,
      };
    }),
  };
}

/**
 * Make an exception from now until a given end.
 *
 * @throws {ProblemError} `policy/not-found`; `request/invalid` for a bad selector or end
 */
export const makeException = command({
  name: "policy.except",
  permission: "policy:except",
  input: ExceptionBody,
  target: ({ policy }) => policy,
  async run(tx, ctx, { policy, ruleId, selector, reason, until }) {
    refuseSelector(selector, "#/selector");
    const at = ctx.now();
    const validTo = new Date(until);
    const lastsMs = validTo.getTime() - at.getTime();
    if (lastsMs <= 0 || lastsMs > LONGEST_MS) {
      const detail = `An exception ends in the future, within ${LONGEST_MS / DAY_MS} days.`;
      throw new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/until", detail }] });
    }
    const trustDomainId = await ruledBy(tx, ctx, policy, ruleId);
    const id = uuidv7(at);
    const createdBy = ctx.actor.kind === "user" ? ctx.actor.id : null;
    await policyExceptionInsert(tx, {
      ...{ trustDomainId, id, policyName: policy, ruleId, selector, reason, createdBy },
      ...{ createdAt: at, validFrom: at, validTo, matches: 0 },
    });
    const work = { trustDomainId, id: uuidv7(at), cause: "policy.except", recordedAt: at };
    await decideAgainInsert(clientOf(tx), work);
    const after = { policy, ruleId, selector, reason, until };
    const audit = { trustDomainId, entity: "policy_exception", entityId: id, before: null, after };
    return { result: { id }, audit };
  },
});

/** The trust domain of a policy that has, in its newest version, the rule. */
async function ruledBy(tx: Tx, ctx: ServiceContext, policy: string, ruleId: string): Promise<string> {
  const refuseRule = (rules: readonly { id: string }[]) => {
    if (rules.some(({ id }) => id === ruleId)) return;
    const detail = `${policy} has no rule ${ruleId}.`;
    throw new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/ruleId", detail }] });
  };
  if (policy === BUILT_IN.bundle.name) {
    refuseRule(BUILT_IN.bundle.rules);
    return domainFor(ctx.actor);
  }
  const { trustDomainId, id: policyId } = await policyNamed(tx, ctx, policy);
  const [newest] = await policyVersionList(tx, { trustDomainId, policyId });
  refuseRule(bundleOf(newest?.text ?? "").rules);
  return trustDomainId;
}

/** @throws {ProblemError} `policy-exception/not-found` when there is none in force */
export const endException = command({
  name: "policy.end_exception",
  permission: "policy:except",
  input: EndExceptionBody.extend({ exceptionId: z.uuid() }),
  target: ({ exceptionId }) => exceptionId,
  async run(tx, ctx, { exceptionId, reason }) {
    const at = ctx.now();
    const row = await policyExceptionEnd(tx, ctx.actor.trustDomainIds, exceptionId, at);
    if (!row)
      throw new ProblemError("policy-exception/not-found", `No exception ${exceptionId} is in force.`);
    const { trustDomainId } = row;
    const before = { until: row.validTo, matches: row.matches };
    const audit = {
      trustDomainId,
      entity: "policy_exception",
      entityId: exceptionId,
      before,
      after: { reason },
    };
    return { result: null, audit };
  },
});
