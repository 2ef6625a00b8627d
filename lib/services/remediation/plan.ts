/** Making a plan, and finding out whether it is still the one that was agreed on. */
import { createHash } from "node:crypto";
import type { Conn } from "#db/client";
import { type RemediationRow, remediationTargets } from "#db/queries/remediation";
import {
  baselineAuthors,
  evidenceDigests,
  type PlanNodeRow,
  planNodes,
  policiesInForce,
} from "#db/queries/remediation-facts";
import { marksHeld } from "#db/queries/sacrificial-mark";
import { defaultPolicy, type GroupRule } from "#lib/domain/approval";
import { canonicalJson, personOf } from "#lib/domain/change-request";
import { ProblemError } from "#lib/domain/problems";
import { type PlanFacts, planText, type RemediationAction } from "#lib/domain/remediation";
import type { RemediationLimits } from "#lib/domain/remediation-limits";
import {
  ALLOWED_FROM,
  memberOf,
  type PlanCheck,
  planChanges,
  planEnd,
  restsOnEvidence,
} from "#lib/domain/remediation-plan";
import { drillChecks, markIds, REAL_DRILL } from "#lib/domain/sacrificial";
import { selectorMatches } from "#lib/policy/selector";
import { parseInput } from "#lib/services/input";
import { fleetChecks, opensAtMs, selectorNodes } from "./facts.ts";
import { limitsInForce } from "./limits.ts";
import type { PlannedRecipe, RemediationTools } from "./tools.ts";

/** What somebody wants done, with the nodes that were found. */
export type Wanted = {
  action: RemediationAction;
  nodes: readonly PlanNodeRow[];
  recipe: string | undefined;
  params: Readonly<Record<string, unknown>>;
  startAtMs: number | null;
  /** `undefined` = as is usual for the action. */
  window: PlanFacts["window"] | undefined;
  /** Whether it is drilled for real; absent = it is meant. */
  drill?: boolean | undefined;
};

export type MadePlan = {
  facts: PlanFacts;
  planHash: Buffer;
  nodes: readonly PlanNodeRow[];
  rules: readonly GroupRule[];
  /** From our own data. */
  checks: PlanCheck[];
  /** When the windows of its nodes next allow it; `null` = now, or it does not wait for them. */
  opensAtMs: number | null;
  /** People whose say does not count. */
  excluded: string[];
};

/** SHA-256 of everything that votes are bound to. */
export const hashOf = (facts: PlanFacts): Buffer => createHash("sha256").update(planText(facts)).digest();

/**
 * The plan as of now.
 *
 * @param refuse refuse what could not be done now anyway; otherwise the checks say so
 * @throws {ProblemError} `request/invalid` for an unknown recipe or parameters; `remediation/not-possible`,
 *   `remediation/not-sacrificial`
 */
export async function makePlan(
  conn: Conn,
  trustDomainId: string,
  wanted: Wanted,
  tools: RemediationTools,
  { now, refuse }: { now: Date; refuse: boolean },
): Promise<MadePlan> {
  const { action, nodes, startAtMs } = wanted;
  const recipe = recipeOf(tools, action, wanted.recipe);
  const params = parseInput(recipe.params, wanted.params, "/params");
  if (refuse) refuseImpossible(action, nodes);
  const nodeIds = nodes.map(({ nodeId }) => nodeId);
  const limits = await limitsInForce(conn, trustDomainId);
  const policy = defaultPolicy(action, isCritical(nodes, limits));
  const window = wanted.window ?? policy.window;
  const opens = window === "respect" ? await opensAtMs(conn, trustDomainId, nodes, now) : null;
  if (opens === Number.POSITIVE_INFINITY) {
    throw new ProblemError(
      "remediation/not-possible",
      "The maintenance windows of these nodes never overlap. Ask for fewer nodes, or outside of windows.",
    );
  }
  const drill = wanted.drill
    ? await drillOf(conn, trustDomainId, { nodes, limits, startAtMs, refuse, now })
    : null;
  const facts: PlanFacts = {
    action,
    targets: nodes.map(({ nodeId, incarnationId }) => ({ nodeId, incarnationId })),
    recipe: recipe.name,
    recipeVersion: recipe.version,
    params,
    policyVersion: await policiesInForce(conn, trustDomainId),
    evidenceDigests: await evidenceDigests(conn, trustDomainId, nodeIds),
    expiresAtMs: planEnd(now.getTime(), { startAtMs, opensAtMs: opens }),
    startAtMs,
    window,
    limits,
    ...(drill && { drill: { marks: drill.marks } }),
  };
  return {
    facts,
    planHash: hashOf(facts),
    nodes,
    rules: policy.rules,
    checks: [
      ...(drill?.checks ?? []),
      ...(await fleetChecks(conn, trustDomainId, { action, nodes, own: null, limits, now })),
    ],
    opensAtMs: opens,
    excluded: await authorsOf(conn, trustDomainId, action, nodes),
  };
}

type DrillAsked = {
  nodes: readonly PlanNodeRow[];
  limits: RemediationLimits;
  startAtMs: number | null;
  refuse: boolean;
  now: Date;
};

/** @throws {ProblemError} `remediation/not-sacrificial` */
async function drillOf(
  conn: Conn,
  trustDomainId: string,
  { nodes, limits, startAtMs, refuse, now }: DrillAsked,
): Promise<{ marks: string[]; checks: PlanCheck[] }> {
  const ids = nodes.map(({ nodeId }) => nodeId);
  const marks = (await marksHeld(conn, trustDomainId, ids, now)).map((mark) => ({
    ...mark,
    expiresMs: mark.expiresAt.getTime(),
  }));
  const drilled = nodes.map((node) => ({ ...node, quorum: memberOf(node, limits).quorum }));
  const checks = drillChecks(drilled, marks, startAtMs ?? now.getTime());
  const broken = checks.find(({ ok }) => !ok);
  if (refuse && broken) throw new ProblemError("remediation/not-sacrificial", broken.sentence);
  return { marks: markIds(marks), checks };
}

/** Whether the marks of a drill are those that it was agreed on with; `null` = they are, or it is none. */
export async function lostMarks(
  conn: Conn,
  { trustDomainId, plan, origin }: Pick<RemediationRow, "trustDomainId" | "plan" | "origin">,
  nodeIds: readonly string[],
  now: Date,
): Promise<string | null> {
  if (origin !== REAL_DRILL) return null;
  const held = await marksHeld(conn, trustDomainId, nodeIds, now);
  const agreed = (plan as PlanFacts).drill?.marks ?? [];
  const named = held.filter(({ id }) => agreed.includes(id));
  return nodeIds.every((id) => named.some(({ nodeId }) => nodeId === id))
    ? null
    : "A node is not marked as sacrificial any more, so the recipe is not drilled on it.";
}

const isCritical = (nodes: readonly PlanNodeRow[], limits: RemediationLimits) =>
  nodes.some((node) => memberOf(node, limits).quorum !== null);

function recipeOf(
  { recipe }: RemediationTools,
  action: RemediationAction,
  name: string | undefined,
): PlannedRecipe {
  const found = recipe(action, name);
  if (found) return found;
  const detail = name ? `There is no recipe "${name}" for ${action}.` : `There is no recipe for ${action}.`;
  throw new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/recipe", detail }] });
}

function refuseImpossible(action: RemediationAction, nodes: readonly PlanNodeRow[]): void {
  const wrong = nodes.find(({ lifecycle }) => !ALLOWED_FROM[action].includes(lifecycle));
  if (!wrong) return;
  const allowed = ALLOWED_FROM[action].join(", ");
  throw new ProblemError(
    "remediation/not-possible",
    `${wrong.name} is ${wrong.lifecycle}; ${action} is possible for nodes that are ${allowed}.`,
  );
}

/** Whoever wrote the baselines that speak for the nodes does not vote on their release. */
async function authorsOf(
  conn: Conn,
  trustDomainId: string,
  action: RemediationAction,
  nodes: readonly PlanNodeRow[],
): Promise<string[]> {
  if (!restsOnEvidence(action)) return [];
  const authors = await baselineAuthors(conn, trustDomainId);
  if (authors.length === 0) return [];
  const seen = await selectorNodes(conn, trustDomainId, nodes);
  const own = authors.filter(({ selector }) => seen.some((node) => selectorMatches(selector, node)));
  return [...new Set(own.map(({ email }) => personOf(email)))].sort();
}

/**
 * What is not as it was agreed on, in sentences; empty = everything is. Cheap: it runs under the request's lock,
 * at every vote and at the start.
 */
export async function recheckPlan(
  conn: Conn,
  row: RemediationRow,
  tools: RemediationTools,
  now: Date,
): Promise<string[]> {
  const plan = row.plan as PlanFacts;
  const stored = await storedChanges(conn, row, plan);
  if (stored.length > 0) return stored;
  const nodeIds = plan.targets.map(({ nodeId }) => nodeId);
  const nodes = await planNodes(conn, [row.trustDomainId], nodeIds, row.id);
  const limits = await limitsInForce(conn, row.trustDomainId);
  const changes = planChanges(
    plan,
    {
      ...{ nodes, limits },
      marks: plan.drill ? markIds(await marksHeld(conn, row.trustDomainId, nodeIds, now)) : [],
      recipeVersion: tools.recipe(plan.action, plan.recipe)?.version ?? null,
      policyVersion: await policiesInForce(conn, row.trustDomainId),
      evidenceDigests: restsOnEvidence(plan.action)
        ? await evidenceDigests(conn, row.trustDomainId, nodeIds)
        : plan.evidenceDigests,
    },
    now.getTime(),
  );
  if (changes.length > 0) return changes;
  const { rules } = defaultPolicy(plan.action, isCritical(nodes, limits));
  const same = canonicalJson(rules) === canonicalJson(row.rules);
  return same ? [] : ["Who must agree to it is not what it was."];
}

/** Whether somebody changed what is stored, past all rules. */
async function storedChanges(conn: Conn, row: RemediationRow, plan: PlanFacts): Promise<string[]> {
  const targets = await remediationTargets(conn, row);
  const frozen = targets.map(({ nodeId, incarnationId }) => ({ nodeId, incarnationId }));
  const { drill, ...agreedOn } = plan;
  const stands: PlanFacts = {
    ...agreedOn,
    // What is drilled says so where it is listed, and what is not does not.
    ...(row.origin === REAL_DRILL && { drill: drill ?? { marks: [] } }),
    action: row.action as RemediationAction,
    recipe: row.recipe,
    recipeVersion: row.recipeVersion,
    params: row.params as PlanFacts["params"],
    startAtMs: row.startAt?.getTime() ?? null,
    targets: frozen,
  };
  const agreed = row.planHash.equals(hashOf(plan)) && row.planHash.equals(hashOf(stands));
  return agreed ? [] : ["What is stored is not what was agreed on."];
}
