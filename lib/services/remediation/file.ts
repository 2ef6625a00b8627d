/** Writing down a request, whoever asks. */
import type { Tx } from "#db/client";
import { type RemediationRow, remediationInsert, remediationLock } from "#db/queries/remediation";
import { PENDING_TTL_MS } from "#lib/domain/remediation";
import type { PlanCheck, RequestOrigin } from "#lib/domain/remediation-plan";
import { uuidv7 } from "#lib/services/uuidv7";
import { announceRequest } from "./announce-request.ts";
import type { MadePlan } from "./plan.ts";

export type Asker = {
  origin: RequestOrigin;
  /** Account; `null` = a policy. */
  requestedBy: string | null;
  /** The person behind it, or the policy. */
  requester: string;
  reason: string;
  ticket: string | null;
};

/**
 * Store a request with its plan. It waits for its approvals.
 *
 * @param checks of the plan, and of the live targets
 */
export async function fileRequest(
  tx: Tx,
  trustDomainId: string,
  plan: MadePlan,
  { asker, checks, now }: { asker: Asker; checks: readonly PlanCheck[]; now: Date },
): Promise<RemediationRow> {
  const { facts, planHash, rules, excluded, nodes } = plan;
  const id = uuidv7(now);
  const row = {
    trustDomainId,
    id,
    action: facts.action,
    recipe: facts.recipe,
    recipeVersion: facts.recipeVersion,
    params: facts.params,
    state: "pending",
    revision: 1,
    ...asker,
    requestedAt: now,
    plan: facts,
    planHash,
    rules,
    checks,
    startAt: facts.startAtMs === null ? null : new Date(facts.startAtMs),
    expiresAt: new Date(now.getTime() + PENDING_TTL_MS),
    excluded,
  };
  await remediationInsert(tx, row, targetsOf(nodes));
  const stored = await remediationLock(tx, [trustDomainId], id);
  if (!stored) throw new Error("The request was not stored");
  // What is done at once waits for nobody.
  if (asker.origin !== "break_glass") await announceRequest(tx, stored, now);
  return stored;
}

export const targetsOf = (nodes: MadePlan["nodes"]) =>
  nodes.map(({ nodeId, incarnationId, name }) => ({ nodeId, incarnationId, displayName: name }));

/** What the audit entry says of a plan. */
export const planNote = ({ facts, planHash, checks }: MadePlan) => ({
  action: facts.action,
  recipe: facts.recipe,
  recipeVersion: facts.recipeVersion,
  params: facts.params,
  nodes: facts.targets.map(({ nodeId }) => nodeId),
  planHash: planHash.toString("hex"),
  ...(facts.drill && { realDrill: true, marks: facts.drill.marks }),
  failedChecks: checks.filter(({ ok }) => !ok).map(({ sentence }) => sentence),
});
