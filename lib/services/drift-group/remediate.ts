/** Having something done to the nodes that show a change: a decision on the group and a request, each naming the other. */
import { z } from "zod";
import type { Conn } from "#db/client";
import { auditInsert } from "#db/queries/audit";
import { type GroupRow, groupsByIds } from "#db/queries/drift-group";
import { groupNodes } from "#db/queries/drift-group-nodes";
import { RemediateDriftBody } from "#lib/contracts/drift-group";
import type { RemediationDetail } from "#lib/contracts/remediation";
import { can } from "#lib/domain/access";
import { personOf } from "#lib/domain/change-request";
import { ProblemError } from "#lib/domain/problems";
import { type PlanCheck, TARGETS_MAX } from "#lib/domain/remediation-plan";
import { personActor } from "#lib/services/change-request/person";
import { command, entryBase } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { fileRequest, planNote } from "#lib/services/remediation/file";
import { remediationGet } from "#lib/services/remediation/get";
import { makePlan } from "#lib/services/remediation/plan";
import { askTargets } from "#lib/services/remediation/request";
import { chosenNodes } from "#lib/services/remediation/select";
import type { RemediationTools } from "#lib/services/remediation/tools";
import { moveGroup } from "./decide.ts";
import { chosenGroups } from "./select.ts";

const Body = RemediateDriftBody.extend({ groupId: z.uuid() });
type Body = z.input<typeof Body>;

/** What the live targets say; to be asked before a transaction. Empty where the command refuses anyway. */
export async function askAboutDrift(
  ctx: ServiceContext,
  { groupId, action, reason }: Body,
  tools: RemediationTools,
): Promise<PlanCheck[]> {
  const [group] = await groupsByIds(ctx.db, ctx.actor.trustDomainIds, [groupId]);
  const nodeIds = group ? await shownBy(ctx.db, group) : [];
  if (nodeIds.length === 0 || nodeIds.length > TARGETS_MAX) return [];
  return askTargets(ctx, { action, targets: { nodeIds }, params: {}, reason }, tools);
}

/**
 * Ask for a remediation of the nodes that show a change now without anybody's leave. The group is being remediated
 * from then on; nothing is done until enough people agree.
 *
 * @param live what {@link askAboutDrift} said
 * @throws {ProblemError} `drift/not-found`, `drift/decided`, `remediation/not-possible`, `auth/forbidden` without a say
 *   in drift
 */
export async function remediateDrift(
  ctx: ServiceContext,
  body: Body,
  tools: RemediationTools,
  live: readonly PlanCheck[],
): Promise<RemediationDetail> {
  const { id } = await remediate(tools, live)(ctx, body);
  return remediationGet(ctx, { requestId: id });
}

const remediate = (tools: RemediationTools, live: readonly PlanCheck[]) =>
  command({
    name: "drift.remediate",
    permission: "remediation:request",
    input: Body,
    target: ({ groupId }) => groupId,
    async run(tx, ctx, { groupId, action, reason, ticket = null }) {
      if (!can(ctx.actor, "drift:triage"))
        throw new ProblemError("auth/forbidden", "Your role may not decide drift.");
      const actor = personActor(ctx.actor);
      const now = ctx.now();
      const { trustDomainId, groups } = await chosenGroups(tx, actor.trustDomainIds, { ids: [groupId] }, now);
      const [group] = groups;
      if (!group) throw new ProblemError("drift/not-found", `No drift group ${groupId}.`);
      const nodeIds = await shownBy(tx, group);
      refuseNumber(nodeIds.length);
      const { nodes } = await chosenNodes(tx, [trustDomainId], { nodeIds }, now);
      const wanted = { action, nodes, recipe: undefined, params: {}, startAtMs: null, window: undefined };
      const plan = await makePlan(tx, trustDomainId, wanted, tools, { now, refuse: true });
      const who = { requestedBy: actor.id, requester: personOf(actor.email) };
      const row = await fileRequest(tx, trustDomainId, plan, {
        asker: { origin: "person", ...who, reason, ticket },
        checks: [...plan.checks, ...live],
        now,
      });
      const detail = { requestId: row.id, action };
      const decision = { kind: "remediate", reason, detail, by: actor.id, at: now } as const;
      await moveGroup(tx, group, { state: "remediating" }, decision);
      await auditInsert(tx, {
        ...entryBase(ctx, "drift.decide"),
        ...{ trustDomainId, entity: "drift_group", entityId: group.id, outcome: "done", problemCode: null },
        before: { states: [group.state] },
        after: { decision: "remediate", reason, ...detail, groups: [group.id] },
      });
      return {
        result: { id: row.id },
        audit: {
          trustDomainId,
          entity: "remediation",
          entityId: row.id,
          before: null,
          after: { state: row.state, ...planNote(plan), reason, ticket, driftGroup: group.id },
        },
      };
    },
  });

/** Nodes that show the change now and have no leave to; one more than a request may have at most. */
async function shownBy(conn: Conn, group: GroupRow): Promise<string[]> {
  const shown = await groupNodes(conn, group, group.peakNodes + TARGETS_MAX);
  return shown
    .filter(({ goneAt, exceptionId }) => goneAt === null && exceptionId === null)
    .map(({ id }) => id);
}

function refuseNumber(nodes: number): void {
  if (nodes > 0 && nodes <= TARGETS_MAX) return;
  throw new ProblemError(
    "remediation/not-possible",
    nodes === 0
      ? "No node shows the change without leave any more."
      : `${nodes} nodes show the change; one request is about ${TARGETS_MAX} at most. Ask for some of them by a query.`,
  );
}
