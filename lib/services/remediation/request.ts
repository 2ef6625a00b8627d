/** Asking for something to be done to nodes. */

import { reviewInsert } from "#db/queries/remediation";
import {
  BreakGlassBody,
  PreviewRemediationBody,
  type RemediationDetail,
  type RemediationPreview,
  RequestRemediationBody,
} from "#lib/contracts/remediation";
import { can } from "#lib/domain/access";
import { personOf } from "#lib/domain/change-request";
import { ProblemError } from "#lib/domain/problems";
import { REVIEW_TTL_MS } from "#lib/domain/remediation";
import { type PlanCheck, START_AHEAD_MS } from "#lib/domain/remediation-plan";
import { REAL_DRILL } from "#lib/domain/sacrificial";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { parseInput } from "#lib/services/input";
import { announceBreakGlass } from "./announce-request.ts";
import { residualOf } from "./facts.ts";
import { fileRequest, planNote } from "./file.ts";
import { remediationGet } from "./get.ts";
import { startExecution } from "./move.ts";
import { type MadePlan, makePlan, type Wanted } from "./plan.ts";
import { chosenNodes } from "./select.ts";
import type { RemediationTools } from "./tools.ts";
import { previewView } from "./view.ts";

type Asked = Pick<
  PreviewRemediationBody,
  "action" | "targets" | "recipe" | "params" | "startAt" | "window" | "drill"
>;

/**
 * What a request would be, without storing it. Reads our own data and the live targets.
 *
 * @throws {ProblemError} `node/not-found`, `request/invalid`, `remediation/selection-moved`,
 *   `remediation/not-possible`
 */
export async function previewRemediation(
  ctx: ServiceContext,
  body: PreviewRemediationBody,
  tools: RemediationTools,
): Promise<RemediationPreview> {
  const asked = parseInput(PreviewRemediationBody, body);
  const scope = readScope(ctx, "remediation:request");
  const { trustDomainId, plan } = await planFor(ctx.db, scope, asked, tools, {
    now: ctx.now(),
    refuse: false,
  });
  const checks = [...plan.checks, ...(await liveChecks(ctx, trustDomainId, plan, tools))];
  const nodeIds = plan.nodes.map(({ nodeId }) => nodeId);
  const residual = await residualOf(ctx.db, trustDomainId, nodeIds, ctx.now());
  return previewView(plan, { checks, residual, actor: ctx.actor, trustDomainId });
}

/**
 * Ask. Nothing happens until enough people agree, and nothing at all after an hour.
 *
 * @param asked what {@link askTargets} said, by a caller who holds a transaction; absent = they are asked here
 * @throws {ProblemError} as {@link previewRemediation}
 */
export async function requestRemediation(
  ctx: ServiceContext,
  body: RequestRemediationBody,
  tools: RemediationTools,
  asked?: readonly PlanCheck[],
): Promise<RemediationDetail> {
  const live = asked ?? (await askTargets(ctx, body, tools));
  const { id } = await ask(tools, live)(ctx, body);
  return remediationGet(ctx, { requestId: id });
}

/**
 * Quarantine at once, and have it looked at afterwards. What blocks a start is recorded and does not hold it back;
 * a pause of everything does.
 *
 * @throws {ProblemError} as {@link previewRemediation}, and `remediation/paused`
 */
export async function breakGlass(
  ctx: ServiceContext,
  body: BreakGlassBody,
  tools: RemediationTools,
): Promise<RemediationDetail> {
  const { id } = await breakIt(tools)(ctx, body);
  return remediationGet(ctx, { requestId: id });
}

/** Before the transaction: live targets may take seconds, and a connection is not to be held idle meanwhile. */
export async function askTargets(
  ctx: ServiceContext,
  body: RequestRemediationBody,
  tools: RemediationTools,
): Promise<PlanCheck[]> {
  if (!can(ctx.actor, "remediation:request")) return [];
  const wanted = parseInput(RequestRemediationBody, body);
  const scope = readScope(ctx, "remediation:request");
  const found = await planFor(ctx.db, scope, wanted, tools, { now: ctx.now(), refuse: true }).catch(
    (error: unknown) => {
      // The command refuses it again, and records that.
      if (error instanceof ProblemError) return null;
      throw error;
    },
  );
  return found ? liveChecks(ctx, found.trustDomainId, found.plan, tools) : [];
}

const liveChecks = (
  { db }: ServiceContext,
  trustDomainId: string,
  { facts, nodes }: MadePlan,
  { previewTargets }: RemediationTools,
): Promise<PlanCheck[]> => {
  const { action, recipe, params, drill } = facts;
  const idle = drill !== undefined;
  return previewTargets(db, { trustDomainId, action, recipe, params, nodes, idle });
};

async function planFor(
  conn: Parameters<typeof makePlan>[0],
  scope: readonly string[],
  { action, targets, recipe, params, startAt, window, drill }: Asked,
  tools: RemediationTools,
  when: { now: Date; refuse: boolean },
): Promise<{ trustDomainId: string; plan: MadePlan }> {
  const startAtMs = startOf(startAt, when.now);
  const { trustDomainId, nodes } = await chosenNodes(conn, scope, targets, when.now);
  const wanted: Wanted = { action, nodes, recipe, params, startAtMs, window, drill };
  return { trustDomainId, plan: await makePlan(conn, trustDomainId, wanted, tools, when) };
}

/** @returns `null` = at once */
function startOf(startAt: string | undefined, now: Date): number | null {
  if (startAt === undefined) return null;
  const aheadMs = Date.parse(startAt) - now.getTime();
  if (aheadMs > 0 && aheadMs <= START_AHEAD_MS) return Date.parse(startAt);
  const detail = "Choose an instant of the next 30 days.";
  throw new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/startAt", detail }] });
}

const aim = ({ targets }: Pick<Asked, "targets">): string =>
  "nodeIds" in targets ? (targets.nodeIds[0] ?? "-") : "-";

const ask = (tools: RemediationTools, live: readonly PlanCheck[]) =>
  command({
    name: "remediation.request",
    permission: "remediation:request",
    input: RequestRemediationBody,
    target: aim,
    async run(tx, ctx, input) {
      const actor = personActor(ctx.actor);
      const now = ctx.now();
      const { trustDomainId, plan } = await planFor(tx, actor.trustDomainIds, input, tools, {
        now,
        refuse: true,
      });
      const { reason, ticket = null } = input;
      const who = { requestedBy: actor.id, requester: personOf(actor.email) };
      const row = await fileRequest(tx, trustDomainId, plan, {
        asker: { origin: input.drill ? REAL_DRILL : "person", ...who, reason, ticket },
        checks: [...plan.checks, ...live],
        now,
      });
      return {
        result: { id: row.id },
        audit: {
          trustDomainId,
          entity: "remediation",
          entityId: row.id,
          before: null,
          after: { state: row.state, ...planNote(plan), reason, ticket },
        },
      };
    },
  });

const breakIt = (tools: RemediationTools) =>
  command({
    name: "remediation.break_glass",
    permission: "remediation:break_glass",
    input: BreakGlassBody,
    target: aim,
    async run(tx, ctx, input) {
      const actor = personActor(ctx.actor);
      const now = ctx.now();
      const { trustDomainId, plan } = await planFor(
        tx,
        actor.trustDomainIds,
        { ...input, startAt: undefined, window: "ignore" },
        tools,
        { now, refuse: true },
      );
      const paused = plan.checks.find(({ rule, ok }) => rule === "pause" && !ok);
      if (paused) throw new ProblemError("remediation/paused", paused.sentence);
      const { reason, ticket = null } = input;
      const who = { requestedBy: actor.id, requester: personOf(actor.email) };
      const row = await fileRequest(tx, trustDomainId, plan, {
        asker: { origin: "break_glass", ...who, reason, ticket },
        checks: plan.checks,
        now,
      });
      const started = await startExecution(tx, row, { at: now, event: "break_glass" });
      const dueAt = new Date(now.getTime() + REVIEW_TTL_MS);
      await reviewInsert(tx, { trustDomainId, requestId: row.id, dueAt, state: "open" });
      await announceBreakGlass(tx, started, now);
      return {
        result: { id: row.id },
        audit: {
          trustDomainId,
          entity: "remediation",
          entityId: row.id,
          before: null,
          after: { state: started.state, ...planNote(plan), reason, ticket, reviewDueAt: dueAt },
        },
      };
    },
  });
