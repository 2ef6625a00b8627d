/**
 * What happens to requests by themselves: they expire, and what is approved and due is started.
 *
 * Each request is looked at first, and changed in a transaction of its own only when something is to be changed;
 * everything is decided again there, under the request's lock.
 */
import { z } from "zod";
import type { Conn, Db } from "#db/client";
import {
  type RemediationRow,
  remediationFind,
  remediationLock,
  remediationsOpen,
  remediationUpdate,
} from "#db/queries/remediation";
import { planNodes } from "#db/queries/remediation-facts";
import { trustDomainIds } from "#db/queries/trust-domain";
import { ProblemError } from "#lib/domain/problems";
import type { PlanFacts, RequestState } from "#lib/domain/remediation";
import { approvedEnd, type PlanCheck } from "#lib/domain/remediation-plan";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { workerContext } from "#lib/services/each-due";
import { fleetChecks, opensAtMs } from "./facts.ts";
import { limitsInForce } from "./limits.ts";
import { moveRequest, startExecution } from "./move.ts";
import { recheckPlan } from "./plan.ts";
import type { RemediationTools } from "./tools.ts";
import { approved } from "./vote.ts";
import { type Hearing, hearingHeld, hearingsOf, judge, refusalOf } from "./voters.ts";

/** Requests per run: each is a transaction of its own. */
const BATCH = 1_000;
const WAITING = ["pending", "approved", "scheduled"] as const satisfies readonly RequestState[];

/** What is to be done with a request now. */
type Due =
  | { kind: "nothing" }
  | { kind: "expire" }
  | { kind: "approve" }
  | { kind: "supersede"; why: string }
  /** It waits for an instant that is known. */
  | { kind: "schedule"; why: string; untilMs: number }
  /** Something is in its way that may go away. */
  | { kind: "hold"; why: string }
  | { kind: "start" };

/** @returns how many requests were changed; `full` = there may be more than were looked at */
export async function runDueRemediations(
  db: Db,
  tools: RemediationTools,
  now: () => Date,
): Promise<{ changed: number; full: boolean }> {
  const scope = await trustDomainIds(db);
  const rows = await remediationsOpen(db, scope, { states: WAITING, limit: BATCH });
  const ctx = workerContext(db, scope, "run-remediations", now);
  let changed = 0;
  for (const { id } of rows) {
    if (await settle(ctx, id, tools)) changed += 1;
  }
  return { changed, full: rows.length === BATCH };
}

/** Somebody else did it since it was looked at. */
class NothingDue extends Error {}

async function settle(ctx: ServiceContext, requestId: string, tools: RemediationTools): Promise<boolean> {
  const { db, now } = ctx;
  const row = await remediationFind(db, ctx.actor.trustDomainIds, requestId);
  const [hearing] = row ? await hearingsOf(db, [row], now()) : [];
  if (!row || !hearing) return false;
  const asked = { row, hearing, tools, now: now() };
  let live: PlanCheck[] = [];
  let { kind } = await dueOf(db, { ...asked, live });
  if (kind === "start") {
    live = await askAgain(db, row, tools);
    ({ kind } = await dueOf(db, { ...asked, live }));
  }
  if (kind === "nothing") return false;
  try {
    await settleCommand(kind, tools, live)(ctx, { requestId });
    return true;
  } catch (error) {
    if (error instanceof NothingDue) return false;
    throw error;
  }
}

/** The live targets, once more and before any lock: they may take seconds. */
async function askAgain(db: Db, row: RemediationRow, tools: RemediationTools): Promise<PlanCheck[]> {
  const { action, recipe, params, targets, drill } = row.plan as PlanFacts;
  const nodeIds = targets.map(({ nodeId }) => nodeId);
  const nodes = await planNodes(db, [row.trustDomainId], nodeIds, row.id);
  const question = { trustDomainId: row.trustDomainId, action, recipe, params, nodes };
  return tools.previewTargets(db, { ...question, idle: drill !== undefined });
}

type Question = {
  row: RemediationRow;
  hearing: Hearing;
  tools: RemediationTools;
  /** What the live targets said a moment ago; empty = they were not asked. */
  live: readonly PlanCheck[];
  now: Date;
};

/** What is due; under the lock it decides. */
async function dueOf(conn: Conn, question: Question): Promise<Due> {
  const { row, hearing, tools, now } = question;
  if (!WAITING.some((state) => state === row.state)) return { kind: "nothing" };
  if (now >= row.expiresAt) return { kind: "expire" };
  const { state } = judge(hearing);
  // Voters who see less than all of the tree cannot count the votes of those above them; here all count.
  if (row.state === "pending") return { kind: state === "met" ? "approve" : "nothing" };
  const changes = await recheckPlan(conn, row, tools, now);
  if (changes.length > 0) return { kind: "supersede", why: changes.join(" ") };
  if (state !== "met") return { kind: "supersede", why: lostWords(row, hearing) };
  return startOf(conn, question);
}

function lostWords(row: RemediationRow, hearing: Hearing): string {
  const lost = hearing.votes
    .filter(({ planHash, decision }) => decision === "approve" && planHash.equals(row.planHash))
    .filter(({ userId, email }) => refusalOf(hearing, { userId, email }) !== null)
    .map(({ email }) => email);
  return lost.length > 0
    ? `The approval of ${lost.join(" and ")} does not count any more.`
    : "Not enough people of the groups that must agree have approved it.";
}

async function startOf(conn: Conn, { row, live, now }: Question): Promise<Due> {
  const plan = row.plan as PlanFacts;
  const nodeIds = plan.targets.map(({ nodeId }) => nodeId);
  const nodes = await planNodes(conn, [row.trustDomainId], nodeIds, row.id);
  if (plan.startAtMs !== null && plan.startAtMs > now.getTime()) {
    const why = `It is to be started at ${new Date(plan.startAtMs).toISOString()}.`;
    return waiting(row, { kind: "schedule", why, untilMs: plan.startAtMs });
  }
  const opens = plan.window === "respect" ? await opensAtMs(conn, row.trustDomainId, nodes, now) : null;
  if (opens === Number.POSITIVE_INFINITY)
    return waiting(row, { kind: "hold", why: "The maintenance windows of its nodes do not overlap." });
  if (opens !== null) {
    const why = `The next maintenance window opens at ${new Date(opens).toISOString()}.`;
    return waiting(row, { kind: "schedule", why, untilMs: opens });
  }
  const limits = await limitsInForce(conn, row.trustDomainId);
  const asked = { action: plan.action, nodes, own: row.id, limits, now };
  const checks = [...(await fleetChecks(conn, row.trustDomainId, asked)), ...live];
  const broken = checks.filter(({ ok, blocking }) => blocking && !ok);
  if (broken.length === 0) return { kind: "start" };
  return waiting(row, { kind: "hold", why: broken.map(({ sentence }) => sentence).join(" ") });
}

/** Nothing is written down twice. */
function waiting(row: RemediationRow, due: Extract<Due, { why: string }>): Due {
  const known = row.held === due.why && (due.kind !== "schedule" || row.state === "scheduled");
  return known ? { kind: "nothing" } : due;
}

/** What each outcome is called on the record. */
const NAMES = {
  expire: { name: "remediation.expire" },
  approve: { name: "remediation.approve" },
  supersede: { name: "remediation.supersede" },
  schedule: { name: "remediation.schedule" },
  hold: { name: "remediation.hold" },
  start: { name: "remediation.start" },
} as const;

/** It decides again under the lock, and does nothing when it came otherwise. */
const settleCommand = (kind: keyof typeof NAMES, tools: RemediationTools, live: readonly PlanCheck[]) =>
  command({
    ...NAMES[kind],
    permission: "remediation:decide",
    input: z.strictObject({ requestId: z.uuid() }),
    target: ({ requestId }) => requestId,
    async run(tx, ctx, { requestId }) {
      const at = ctx.now();
      const row = await remediationLock(tx, ctx.actor.trustDomainIds, requestId);
      if (!row) throw new ProblemError("remediation/not-found", `No remediation request ${requestId}.`);
      const hearing = await hearingHeld(tx, row, null, at);
      const due = await dueOf(tx, { row, hearing, tools, live, now: at });
      if (due.kind !== kind) throw new NothingDue();
      const after = await carryOut(tx, row, due, at);
      const { state, outcome, held, planHash } = after;
      return {
        result: undefined,
        audit: {
          trustDomainId: row.trustDomainId,
          entity: "remediation",
          entityId: requestId,
          before: { state: row.state },
          after: {
            ...{ state, outcome, held, planHash: planHash.toString("hex") },
            ...(due.kind === "expire" && { expiresAt: row.expiresAt, recordedAt: at }),
          },
        },
      };
    },
  });

async function carryOut(
  tx: Parameters<typeof moveRequest>[0],
  row: RemediationRow,
  due: Due,
  at: Date,
): Promise<RemediationRow> {
  switch (due.kind) {
    case "nothing":
      throw new NothingDue();
    case "expire":
      return moveRequest(tx, row, "expire", { at: row.expiresAt, outcome: expiredWords(row) });
    case "approve":
      return approved(tx, row, at);
    case "supersede":
      return moveRequest(tx, row, "supersede", { at, outcome: due.why });
    case "schedule": {
      const expiresAt = new Date(approvedEnd(at.getTime(), row.plan as PlanFacts, due.untilMs));
      const set = { held: due.why, expiresAt };
      if (row.state === "approved") return moveRequest(tx, row, "schedule", { at, set });
      return held(tx, row, set);
    }
    case "hold":
      return held(tx, row, { held: due.why });
    case "start":
      return startExecution(tx, row, { at, event: "start" });
  }
}

async function held(
  tx: Parameters<typeof moveRequest>[0],
  row: RemediationRow,
  set: Partial<RemediationRow>,
): Promise<RemediationRow> {
  const after = await remediationUpdate(tx, row, set);
  if (!after) throw new Error("The request changed although its row was locked");
  return after;
}

function expiredWords(row: RemediationRow): string {
  if (row.state === "pending") return "Not enough people agreed to it in time.";
  return row.held === null
    ? "It was not started in time."
    : `It was held back until its time was over: ${row.held}`;
}
