/** One request with everything that people need to decide about it. */
import { groupsOfRequest } from "#db/queries/drift-group";
import {
  accountsOf,
  executionFind,
  executionSteps,
  type RemediationRow,
  remediationFind,
  remediationTargets,
  reviewFind,
} from "#db/queries/remediation";
import { type PlanNodeRow, planNodes } from "#db/queries/remediation-facts";
import type { RemediationDetail } from "#lib/contracts/remediation";
import { can } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { isOpenToVotes, type PlanFacts } from "#lib/domain/remediation";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { isoOrNull } from "#lib/services/instant";
import { fleetChecks, opensAtMs, residualOf } from "./facts.ts";
import { limitsInForce } from "./limits.ts";
import { detailView, stateNow } from "./view.ts";
import { hearingsOf } from "./voters.ts";

const NAMED = 5;

/** @throws {ProblemError} `remediation/not-found` */
export async function remediationGet(
  ctx: ServiceContext,
  { requestId }: { requestId: string },
): Promise<RemediationDetail> {
  const scope = readScope(ctx, "remediation:read");
  const { db, actor } = ctx;
  const now = ctx.now();
  const row = await remediationFind(db, scope, requestId);
  const [hearing] = row ? await hearingsOf(db, [row], now) : [];
  if (!row || !hearing)
    throw new ProblemError("remediation/not-found", `No remediation request ${requestId}.`);
  const targets = await remediationTargets(db, row);
  const nodeIds = targets.map(({ nodeId }) => nodeId);
  const nodes = await planNodes(db, [row.trustDomainId], nodeIds, row.id);
  const named = [row.requestedBy, row.claimedBy].flatMap((id) => id ?? []);
  const open = isOpenToVotes(stateNow(row, now));
  const plan = row.plan as PlanFacts;
  const limits = await limitsInForce(db, row.trustDomainId);
  return detailView(
    {
      ...{ row, hearing, actor, now },
      nodes: {
        total: targets.length,
        names: targets.slice(0, NAMED).map(({ displayName }) => displayName),
      },
      review: await reviewFind(db, row),
      emails: await accountsOf(db, named),
    },
    {
      targets,
      nodes,
      checksNow: open
        ? await fleetChecks(db, row.trustDomainId, { action: plan.action, nodes, own: row.id, limits, now })
        : [],
      opensAtMs:
        open && plan.window === "respect" ? await opensAtMs(db, row.trustDomainId, nodes, now) : null,
      residual: await residualOf(db, row.trustDomainId, nodeIds, now),
      execution: await executionOf(db, row, nodes),
      driftGroups: can(actor, "drift:read") ? await groupsOfRequest(db, row) : [],
    },
  );
}

async function executionOf(
  db: ServiceContext["db"],
  row: RemediationRow,
  nodes: readonly PlanNodeRow[],
): Promise<RemediationDetail["execution"]> {
  const found = await executionFind(db, row);
  if (!found) return null;
  const names = new Map(nodes.map(({ nodeId, name }) => [nodeId, name]));
  type Step = NonNullable<RemediationDetail["execution"]>["steps"][number];
  const steps = (await executionSteps(db, row)).map(
    (step): Step => ({
      nodeId: step.nodeId,
      nodeName: names.get(step.nodeId) ?? "",
      ordinal: step.ordinal,
      connectorId: step.connectorId,
      connectorKind: step.connectorKind,
      verb: step.verb,
      mandatory: step.mandatory,
      state: step.state as Step["state"],
      attempts: step.attempts,
      dueAt: isoOrNull(step.dueAt?.getTime() ?? null),
      startedAt: isoOrNull(step.startedAt?.getTime() ?? null),
      endedAt: isoOrNull(step.endedAt?.getTime() ?? null),
      observed: step.observed as Step["observed"],
      problem: step.problem,
    }),
  );
  return {
    state: found.state,
    startedAt: found.startedAt.toISOString(),
    endedAt: isoOrNull(found.endedAt?.getTime() ?? null),
    steps,
  };
}
