/** Marking a node as one on which recipes may be drilled for real. */
import { z } from "zod";
import type { Db } from "#db/client";
import { nodeLabelsLock } from "#db/queries/node-label";
import { planNodes } from "#db/queries/remediation-facts";
import { markEnd, markInsert } from "#db/queries/sacrificial-mark";
import { MarkSacrificialBody, type SacrificialView } from "#lib/contracts/sacrificial";
import { can } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { memberOf, type PlanCheck } from "#lib/domain/remediation-plan";
import { MARK_MAX_MS } from "#lib/domain/sacrificial";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { limitsInForce } from "#lib/services/remediation/limits";
import { uuidv7 } from "#lib/services/uuidv7";
import { sacrificialGet } from "./get.ts";

/** Asks the systems that know a node whether anything runs on it; may take seconds. */
export type AskIdle = (
  db: Db,
  question: { trustDomainId: string; nodes: readonly { nodeId: string; name: string }[] },
) => Promise<PlanCheck[]>;

type Body = MarkSacrificialBody & { nodeId: string };

/**
 * Mark a node, in place of the mark that it may have. The mark lets nobody do anything: what is drilled is asked for
 * and voted on as anything else.
 *
 * @throws {ProblemError} `node/not-found`; `request/invalid` for an end that is over or too far ahead;
 *   `remediation/not-sacrificial` for a node that serves a quorum or on which something runs
 */
export async function markSacrificial(
  ctx: ServiceContext,
  body: Body,
  askIdle: AskIdle,
): Promise<SacrificialView> {
  const live = await askedBefore(ctx, body.nodeId, askIdle);
  await mark(live)(ctx, body);
  return sacrificialGet(ctx, { nodeId: body.nodeId });
}

/** Before the transaction: other systems may take seconds. What may not be asked is refused by the command. */
async function askedBefore(ctx: ServiceContext, nodeId: string, askIdle: AskIdle): Promise<PlanCheck[]> {
  if (!can(ctx.actor, "remediation:configure")) return [];
  const scope = readScope(ctx, "remediation:configure");
  const [node] = await planNodes(ctx.db, scope, [nodeId], null);
  return node ? askIdle(ctx.db, { trustDomainId: node.trustDomainId, nodes: [node] }) : [];
}

const mark = (live: readonly PlanCheck[]) =>
  command({
    name: "node.mark_sacrificial",
    permission: "remediation:configure",
    input: MarkSacrificialBody.extend({ nodeId: z.uuid() }),
    target: ({ nodeId }) => nodeId,
    async run(tx, ctx, { nodeId, reason, until }) {
      const actor = personActor(ctx.actor);
      const at = ctx.now();
      const expiresAt = endOf(until, at);
      // Its labels decide whether it serves a quorum; they do not change meanwhile.
      const found = await nodeLabelsLock(tx, actor.trustDomainIds, nodeId);
      const [node] = found ? await planNodes(tx, [found.trustDomainId], [nodeId], null) : [];
      if (!found || !node) throw new ProblemError("node/not-found", `No node ${nodeId}.`);
      const { trustDomainId } = found;
      const { quorum } = memberOf(node, await limitsInForce(tx, trustDomainId));
      if (quorum !== null)
        throw new ProblemError(
          "remediation/not-sacrificial",
          `${node.name} serves ${quorum}. Such a node is never sacrificed.`,
        );
      const busy = live.find(({ ok }) => !ok);
      if (busy) throw new ProblemError("remediation/not-sacrificial", busy.sentence);
      const before = await markEnd(tx, { trustDomainId, nodeId, at, by: actor.id });
      const id = uuidv7(at);
      await markInsert(tx, { trustDomainId, id, nodeId, reason, madeBy: actor.id, madeAt: at, expiresAt });
      return {
        result: undefined,
        audit: {
          ...{ trustDomainId, entity: "node", entityId: nodeId },
          before: before ? { mark: before.id, until: before.expiresAt } : null,
          after: { mark: id, reason, until: expiresAt },
        },
      };
    },
  });

function endOf(until: string, now: Date): Date {
  const aheadMs = Date.parse(until) - now.getTime();
  if (aheadMs > 0 && aheadMs <= MARK_MAX_MS) return new Date(until);
  const detail = "Choose an instant of the next 30 days.";
  throw new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/until", detail }] });
}
