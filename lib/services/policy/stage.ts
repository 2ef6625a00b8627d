/** Stages that need no second person: watching in shadow, and going back to what was enforced before. */
import { z } from "zod";
import { clientOf, type Tx } from "#db/client";
import {
  type PolicyActivationRow,
  policyActivationEnd,
  policyActivationInsert,
  policyActivationList,
} from "#db/queries/policy";
import { decideAgainInsert } from "#db/queries/policy-work";
import { RollbackBody, ShadowBody } from "#lib/contracts/policy";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { announce } from "#lib/services/notification/announce";
import { uuidv7 } from "#lib/services/uuidv7";
import { policyNamed, refuseSelector, versionNamed } from "./resolve.ts";
import { isOpen } from "./view.ts";

const Named = { name: z.string().max(60) };
const target = ({ name }: { name: string }) => name;
const DONE = { result: null };

/**
 * Put a version in shadow: it decides nothing, and what it would decide is noted. It takes the place of what
 * is in shadow of the policy.
 *
 * @throws {ProblemError} `policy/not-found`, `request/invalid`
 */
export const startShadow = command({
  name: "policy.shadow",
  permission: "policy:write",
  input: ShadowBody.safeExtend(Named),
  target,
  async run(tx, ctx, { name, version, selector, percent }) {
    refuseSelector(selector, "#/selector");
    const policy = await policyNamed(tx, ctx, name, true);
    await versionNamed(tx, policy, version);
    const at = ctx.now();
    const before = (await policyActivationList(tx, [policy.trustDomainId], policy.id)).filter(
      (row) => row.stage === "shadow" && isOpen(row),
    );
    const { trustDomainId } = policy;
    await policyActivationEnd(
      tx,
      trustDomainId,
      before.map(({ id }) => id),
      at,
    );
    const by = ctx.actor.kind === "user" ? ctx.actor.id : null;
    await policyActivationInsert(tx, {
      ...{ trustDomainId, id: uuidv7(at), policyId: policy.id, version, stage: "shadow", selector, percent },
      ...{ validFrom: at, createdBy: by, createdAt: at },
    });
    const after = { name, version, selector, percent };
    return { ...DONE, audit: { trustDomainId, entity: "policy", entityId: policy.id, before: null, after } };
  },
});

/** @throws {ProblemError} `policy/not-found`; `policy/unchanged` when nothing of it is in shadow */
export const endShadow = command({
  name: "policy.end_shadow",
  permission: "policy:write",
  input: z.strictObject(Named),
  target,
  async run(tx, ctx, { name }) {
    const policy = await policyNamed(tx, ctx, name, true);
    const { trustDomainId } = policy;
    const open = (await policyActivationList(tx, [trustDomainId], policy.id)).filter(
      (row) => row.stage === "shadow" && isOpen(row),
    );
    if (open.length === 0) throw new ProblemError("policy/unchanged", `Nothing of ${name} is in shadow.`);
    await policyActivationEnd(
      tx,
      trustDomainId,
      open.map(({ id }) => id),
      ctx.now(),
    );
    const before = open.map(({ version }) => version);
    return { ...DONE, audit: { trustDomainId, entity: "policy", entityId: policy.id, before, after: null } };
  },
});

/**
 * Go back, in one action and without a second person: whatever is undone was approved by two, and so was what
 * comes back.
 *
 * Everything of the policy that was enforced later than the version ends. `toVersion` null ends all of it, and
 * other policies or the built-in one decide again.
 *
 * @throws {ProblemError} `policy/not-found`; `policy/unchanged` when the version was never enforced, or is already
 *   the newest in force
 */
export const rollbackPolicy = command({
  name: "policy.rollback",
  permission: "policy:rollback",
  input: RollbackBody.safeExtend(Named),
  target,
  async run(tx, ctx, { name, toVersion, reason }) {
    const policy = await policyNamed(tx, ctx, name, true);
    const { trustDomainId } = policy;
    const enforced = (await policyActivationList(tx, [trustDomainId], policy.id)).filter(
      ({ stage }) => stage === "enforced",
    );
    const open = enforced.filter(isOpen);
    const back = enforced.find(({ version }) => version === toVersion) ?? null;
    if (toVersion !== null && !back) {
      throw new ProblemError("policy/unchanged", `Version ${toVersion} of ${name} was never enforced.`);
    }
    const newer = back ? open.slice(0, newerThan(open, back)) : open;
    if (newer.length === 0) {
      throw new ProblemError("policy/unchanged", "That is what is in force already.");
    }
    const at = ctx.now();
    await policyActivationEnd(
      tx,
      trustDomainId,
      newer.map(({ id }) => id),
      at,
    );
    if (back && !isOpen(back)) {
      const by = ctx.actor.kind === "user" ? ctx.actor.id : null;
      await restore(tx, back, at, by);
    }
    const work = { trustDomainId, id: uuidv7(at), cause: "policy.rollback", recordedAt: at };
    await decideAgainInsert(clientOf(tx), work);
    await announce(tx, {
      kind: "policy.rolled_back",
      trustDomainId,
      subject: policy.id,
      labels: { policy: name },
      title: `The policy ${name} was rolled back${toVersion === null ? "" : ` to version ${toVersion}`}`,
      summary: reason,
      link: `/policies/${encodeURIComponent(name)}`,
      at,
    });
    const before = newer.map(({ version, selector, percent }) => ({ version, selector, percent }));
    const after = { toVersion, reason };
    return { ...DONE, audit: { trustDomainId, entity: "policy", entityId: policy.id, before, after } };
  },
});

/** How many of what is open, newest first, came after an activation. */
function newerThan(open: readonly PolicyActivationRow[], back: PolicyActivationRow): number {
  const index = open.findIndex(
    ({ id, validFrom }) => id === back.id || validFrom.getTime() < back.validFrom.getTime(),
  );
  return index === -1 ? open.length : index;
}

async function restore(tx: Tx, back: PolicyActivationRow, at: Date, by: string | null): Promise<void> {
  const { trustDomainId, policyId, version, selector, percent } = back;
  await policyActivationInsert(tx, {
    ...{ trustDomainId, id: uuidv7(at), policyId, version, stage: "enforced", selector, percent },
    ...{ validFrom: at, createdBy: by, createdAt: at },
  });
}
