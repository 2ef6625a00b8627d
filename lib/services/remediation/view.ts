/** Stored requests as the API shows them, and what the caller may do with them. */
import type { DelegationRow, RemediationRow, ReviewRow } from "#db/queries/remediation";
import type { PlanNodeRow } from "#db/queries/remediation-facts";
import type {
  RemediationCheck,
  RemediationDetail,
  RemediationPreview,
  RemediationSummary,
  RemediationTarget,
} from "#lib/contracts/remediation";
import { type Actor, can, narrowed, type Permission } from "#lib/domain/access";
import { defaultPolicy } from "#lib/domain/approval";
import { isOpenToVotes, nextRequestState, type PlanFacts, type RequestState } from "#lib/domain/remediation";
import { limitsOfPlan, type RemediationLimits } from "#lib/domain/remediation-limits";
import {
  memberOf,
  type PlanCheck,
  type RequestOrigin,
  type Residual,
  targetChange,
} from "#lib/domain/remediation-plan";
import { isoOrNull } from "#lib/services/instant";
import { viewOf } from "./limits.ts";
import type { MadePlan } from "./plan.ts";
import { type Account, type Hearing, isRequester, judge, refusalOf, refusalWords } from "./voters.ts";

/** Everything about one request that a row of a list shows. */
export type Seen = {
  row: RemediationRow;
  hearing: Hearing;
  nodes: { total: number; names: string[] };
  review: ReviewRow | undefined;
  /** Addresses of accounts that the row names. */
  emails: ReadonlyMap<string, string>;
  actor: Actor;
  now: Date;
};

/** The account of a person; `null` for whoever is none. */
export const accountOf = (actor: Actor): Account | null =>
  actor.kind === "user" ? { userId: actor.id, email: actor.email } : null;

/** The state to show: what nobody began in time has expired, also before the worker wrote it down. */
export function stateNow(row: Pick<RemediationRow, "state" | "expiresAt">, now: Date): RequestState {
  const state = row.state as RequestState;
  return isOpenToVotes(state) && now >= row.expiresAt ? "expired" : state;
}

export function summaryView({ row, hearing, nodes, review, emails, actor, now }: Seen): RemediationSummary {
  const { meter } = judge(hearing);
  const account = accountOf(actor);
  const mine = account !== null && isRequester(row, account);
  const email = (id: string | null) => (id === null ? null : (emails.get(id) ?? null));
  return {
    id: row.id,
    action: row.action as RemediationSummary["action"],
    recipe: row.recipe,
    origin: row.origin as RequestOrigin,
    state: stateNow(row, now),
    reason: row.reason,
    ticket: row.ticket,
    requestedBy: email(row.requestedBy),
    requestedAt: row.requestedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    startAt: isoOrNull(row.startAt?.getTime() ?? null),
    approvedAt: isoOrNull(row.approvedAt?.getTime() ?? null),
    endedAt: isoOrNull(row.endedAt?.getTime() ?? null),
    outcome: row.outcome,
    held: row.held,
    nodes,
    approvals: {
      have: meter.reduce((sum, { have }) => sum + have, 0),
      need: meter.reduce((sum, { min }) => sum + min, 0),
    },
    failedChecks: (row.checks as PlanCheck[]).filter(({ ok }) => !ok).length,
    claimedBy:
      row.claimedBy === null || row.claimedAt === null
        ? null
        : {
            email: email(row.claimedBy) ?? "",
            at: row.claimedAt.toISOString(),
            mine: row.claimedBy === account?.userId,
          },
    review: review ? reviewView(review) : null,
    mine,
    waitingOnMe: account !== null && waitsFor(account, { row, hearing, now }),
  };
}

function reviewView({
  state,
  dueAt,
  email,
  reviewedAt,
  note,
}: ReviewRow): NonNullable<RemediationSummary["review"]> {
  return {
    state: state as "open" | "ratified" | "disputed",
    dueAt: dueAt.toISOString(),
    by: email,
    at: isoOrNull(reviewedAt?.getTime() ?? null),
    note,
  };
}

function waitsFor(account: Account, { row, hearing, now }: Pick<Seen, "row" | "hearing" | "now">): boolean {
  if (stateNow(row, now) !== "pending" || refusalOf(hearing, account) !== null) return false;
  return !hearing.votes.some(
    ({ userId, planHash }) => userId === account.userId && planHash.equals(row.planHash),
  );
}

export type DetailParts = {
  targets: readonly { nodeId: string; incarnationId: string | null; displayName: string }[];
  nodes: readonly PlanNodeRow[];
  checksNow: readonly PlanCheck[];
  opensAtMs: number | null;
  residual: Residual;
  execution: RemediationDetail["execution"];
  driftGroups: RemediationDetail["driftGroups"];
};

export function detailView(seen: Seen, parts: DetailParts): RemediationDetail {
  const { row, hearing } = seen;
  const plan = row.plan as PlanFacts;
  const summary = summaryView(seen);
  const emailOf = new Map(hearing.votes.map(({ person, email }) => [person, email]));
  return {
    ...summary,
    planHash: row.planHash.toString("hex"),
    plan: {
      recipeVersion: plan.recipeVersion,
      params: { ...plan.params },
      policyVersion: plan.policyVersion,
      evidenceDigests: [...plan.evidenceDigests],
      limits: viewOf(limitsOfPlan(plan)),
      expiresAt: new Date(plan.expiresAtMs).toISOString(),
    },
    window: windowView(plan.window, parts.opensAtMs),
    residual: residualView(parts.residual),
    targets: targetViews(plan, parts, isOpenToVotes(summary.state)),
    checks: checkViews(row.checks as PlanCheck[]),
    checksNow: checkViews(parts.checksNow),
    meter: judge(hearing).meter.map(({ groups, min, have, people }) => ({
      groups: [...groups],
      min,
      have,
      people: people.map((person) => emailOf.get(person) ?? person),
    })),
    votes: voteViews(seen),
    delegations: hearing.delegations.map(delegationView),
    driftGroups: parts.driftGroups,
    execution: parts.execution,
    may: mayDo(seen, summary),
  };
}

const delegationView = ({ fromEmail, toEmail, reason, at }: DelegationRow) => ({
  from: fromEmail,
  to: toEmail,
  reason,
  at: at.toISOString(),
});

function voteViews({ row, hearing, actor }: Seen): RemediationDetail["votes"] {
  return hearing.votes.map(({ userId, email, decision, reason, at, planHash }) => {
    const refusal = refusalOf(hearing, { userId, email });
    const other = planHash.equals(row.planHash) ? null : "It was given for another plan.";
    return {
      email,
      mine: userId === accountOf(actor)?.userId,
      decision: decision as "approve" | "deny",
      reason,
      at: at.toISOString(),
      planHash: planHash.toString("hex"),
      void: other ?? (refusal === null ? null : VOID[refusal]),
    };
  });
}

/** Why a vote does not count, said of somebody else. */
const VOID: Readonly<Record<NonNullable<ReturnType<typeof refusalOf>>, string>> = {
  "own-request": "They asked for it themselves.",
  excluded: "They wrote the baseline that speaks for these nodes.",
  "role-lost": "They may not decide any more.",
  "not-asked": "They are in none of the groups that must agree.",
  delegated: "They gave their say to somebody else.",
};

function targetViews(plan: PlanFacts, { targets, nodes }: DetailParts, open: boolean): RemediationTarget[] {
  const now = new Map(nodes.map((node) => [node.nodeId, node]));
  return targets.flatMap((target) => {
    const node = now.get(target.nodeId);
    if (!node) return [];
    const changed = open ? targetChange(plan.action, target, node) : null;
    return [{ ...targetView(node, limitsOfPlan(plan)), incarnationId: target.incarnationId, changed }];
  });
}

function targetView(node: PlanNodeRow, limits: RemediationLimits): RemediationTarget {
  const { nodeId, name, status, lifecycle, disposition, incarnationId } = node;
  const { pool, failureDomain, quorum } = memberOf(node, limits);
  return {
    ...{ nodeId, name, lifecycle, disposition, pool, failureDomain, quorum, incarnationId },
    status: status as RemediationTarget["status"],
    changed: null,
  };
}

const checkViews = (checks: readonly PlanCheck[]): RemediationCheck[] =>
  checks.map((check) => ({ ...check }));

const windowView = (mode: PlanFacts["window"], opensAtMs: number | null) => ({
  mode,
  opensAt: isoOrNull(opensAtMs !== null && Number.isFinite(opensAtMs) ? opensAtMs : null),
});

const residualView = (residual: Residual): RemediationDetail["residual"] =>
  residual.state === "until" ? { state: "until", until: new Date(residual.untilMs).toISOString() } : residual;

const NO_ROLE = "Your role does not allow this.";

/** `null` = the caller holds the permission in this domain. */
function lacks(actor: Actor, permission: Permission, trustDomainId: string): string | null {
  if (actor.kind !== "user") return "Only people do this.";
  const holds = can(actor, permission) && narrowed(actor, permission).trustDomainIds.includes(trustDomainId);
  return holds ? null : NO_ROLE;
}

function mayDo(seen: Seen, { state, mine, review }: RemediationSummary): RemediationDetail["may"] {
  const { row, hearing, actor } = seen;
  const account = accountOf(actor);
  const lacking = (permission: Permission) => lacks(actor, permission, row.trustDomainId);
  const open = isOpenToVotes(state) ? null : `It is ${state.replaceAll("_", " ")}.`;
  const pending = state === "pending" ? null : `It is ${state.replaceAll("_", " ")}.`;
  const refusal = account === null ? null : refusalOf(hearing, account);
  const say = lacking("remediation:decide") ?? (refusal === null ? null : refusalWords(refusal));
  const said = (decision?: string) =>
    hearing.votes.some(
      (vote) =>
        vote.userId === account?.userId &&
        vote.planHash.equals(row.planHash) &&
        (decision === undefined || vote.decision === decision),
    )
      ? "You have spoken already."
      : null;
  const edge = (event: "abort" | "retry") =>
    nextRequestState(state, event) === null ? `It is ${state.replaceAll("_", " ")}.` : null;
  return {
    approve: pending ?? say ?? said("approve"),
    deny: open ?? say ?? said("deny"),
    narrow: pending ?? say ?? (seen.nodes.total > 1 ? null : "It is about one node only."),
    delegate: open ?? say ?? said(),
    claim: row.endedAt === null ? lacking("remediation:decide") : `It is ${state.replaceAll("_", " ")}.`,
    cancel: open ?? (mine ? lacking("remediation:request") : "Only who asked for it may cancel it."),
    abort: edge("abort") ?? lacking("remediation:operate"),
    retry: edge("retry") ?? lacking("remediation:operate"),
    review: mayReview(review, mine, lacking("remediation:decide")),
  };
}

export function mayReview(
  review: RemediationSummary["review"],
  mine: boolean,
  lacking: string | null,
): string | null {
  if (review === null) return "It needs no review.";
  if (review.state !== "open") return `It is ${review.state} already.`;
  return lacking ?? (mine ? "Somebody else must review what you did." : null);
}

/** Whether the caller may review in a domain; `null` = yes. */
export const lacksDecision = (actor: Actor, trustDomainId: string): string | null =>
  lacks(actor, "remediation:decide", trustDomainId);

export function previewView(
  plan: MadePlan,
  {
    checks,
    residual,
    actor,
    trustDomainId,
  }: {
    checks: readonly PlanCheck[];
    residual: Residual;
    actor: Actor;
    trustDomainId: string;
  },
): RemediationPreview {
  const { facts, nodes, rules, opensAtMs } = plan;
  const critical = nodes.some((node) => memberOf(node, facts.limits).quorum !== null);
  const { breakGlass } = defaultPolicy(facts.action, critical);
  const impossible = checks.find(({ rule, ok }) => rule === "life_cycle" && !ok)?.sentence ?? null;
  const paused = checks.find(({ rule, ok }) => rule === "pause" && !ok)?.sentence ?? null;
  return {
    action: facts.action,
    recipe: facts.recipe,
    recipeVersion: facts.recipeVersion,
    targets: nodes.map((node) => targetView(node, facts.limits)),
    checks: checkViews(checks),
    rules: rules.map(({ groups, min }) => ({ groups: [...groups], min })),
    window: windowView(facts.window, opensAtMs),
    residual: residualView(residual),
    evidenceDigests: [...facts.evidenceDigests],
    policyVersion: facts.policyVersion,
    limits: viewOf(facts.limits),
    expiresAt: new Date(facts.expiresAtMs).toISOString(),
    may: {
      request: lacks(actor, "remediation:request", trustDomainId) ?? impossible,
      breakGlass: breakGlass
        ? (lacks(actor, "remediation:break_glass", trustDomainId) ?? impossible ?? paused)
        : "Only quarantine can be carried out before it is approved.",
    },
  };
}
