/** Asking for a rehearsal. It changes nothing, so nobody has to agree to it, and it is begun at once. */
import { RehearseRemediationBody, type RemediationDetail } from "#lib/contracts/remediation";
import { personOf } from "#lib/domain/change-request";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { fileRequest, planNote } from "#lib/services/remediation/file";
import { remediationGet } from "#lib/services/remediation/get";
import { moveRequest, startExecution } from "#lib/services/remediation/move";
import { makePlan } from "#lib/services/remediation/plan";
import { chosenNodes } from "#lib/services/remediation/select";
import type { RemediationTools } from "#lib/services/remediation/tools";

/**
 * @throws {ProblemError} `node/not-found`, `request/invalid`, `remediation/selection-moved`
 */
export async function drillRemediation(
  ctx: ServiceContext,
  body: RehearseRemediationBody,
  tools: RemediationTools,
): Promise<RemediationDetail> {
  const { id } = await drill(tools)(ctx, body);
  return remediationGet(ctx, { requestId: id });
}

const drill = (tools: RemediationTools) =>
  command({
    name: "remediation.drill",
    permission: "remediation:request",
    input: RehearseRemediationBody,
    async run(tx, ctx, { action, targets, recipe, params, reason, ticket = null }) {
      const actor = personActor(ctx.actor);
      const now = ctx.now();
      const { trustDomainId, nodes } = await chosenNodes(tx, actor.trustDomainIds, targets, now);
      const wanted = { action, nodes, recipe, params, startAtMs: null, window: "ignore" } as const;
      const plan = await makePlan(tx, trustDomainId, wanted, tools, { now, refuse: false });
      const who = { requestedBy: actor.id, requester: personOf(actor.email) };
      const filed = await fileRequest(tx, trustDomainId, plan, {
        asker: { origin: "drill", ...who, reason, ticket },
        checks: plan.checks,
        now,
      });
      const approved = await moveRequest(tx, filed, "approve", { at: now });
      const row = await startExecution(tx, approved, { at: now, event: "start" });
      return {
        result: { id: row.id },
        audit: {
          trustDomainId,
          entity: "remediation",
          entityId: row.id,
          before: null,
          after: { state: row.state, drill: true, ...planNote(plan), reason, ticket },
        },
      };
    },
  });
