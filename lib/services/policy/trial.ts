/** Trying a policy before it decides: on one node, on all nodes, and on what was. Nothing is stored. */
import {
  BacktestBody,
  type BacktestView,
  ImpactBody,
  type PolicyImpactView,
  type PolicyTrial,
  TestPolicyBody,
} from "#lib/contracts/policy";
import type { Backtest } from "#lib/domain/backtest";
import type { Decision, PolicyFacts } from "#lib/domain/policy";
import { ProblemError } from "#lib/domain/problems";
import type { TrustStatus } from "#lib/domain/trust-status";
import type { Policy, TraceStep } from "#lib/policy/evaluate";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { readScope } from "#lib/services/guard";
import { parseInput } from "#lib/services/input";
import { proposalOf } from "./resolve.ts";

const DAY_MS = 86_400_000;

type Proposal = { policy: Policy; selector: string; percent: number };

/** What enforcing would move. The computation lives in ingest, so it is given by the composition root. */
export type Impact = {
  nodes: number;
  statuses: readonly { status: string; current: number; proposed: number }[];
  moves: readonly { from: string; to: string; nodes: number }[];
  movedTotal: number;
  named: readonly { id: string; name: string; from: string; to: string; ruleId: string; reason: string }[];
  removedRules: readonly { policyVersion: string; ruleId: string; nodes: number }[];
};
export type ImpactOf = (ctx: ServiceContext, trustDomainId: string, proposal: Proposal) => Promise<Impact>;

export type TrialOf = (
  ctx: ServiceContext,
  trustDomainId: string,
  nodeId: string,
  proposal: Proposal,
) => Promise<{ facts: PolicyFacts; decision: Decision; current: Decision; trace: TraceStep[] } | null>;

export type ReplayOf = (
  ctx: ServiceContext,
  trustDomainId: string,
  proposal: Proposal,
  window: { from: Date; to: Date },
  onProgress: (progress: { nodes: number; states: number }) => Promise<void> | void,
  signal: AbortSignal,
) => Promise<Backtest | null>;

/** @throws {ProblemError} `policy/invalid`, `policy/not-found`, `node/not-found` */
export async function testOnNode(
  ctx: ServiceContext,
  body: TestPolicyBody,
  trialOf: TrialOf,
): Promise<PolicyTrial> {
  readScope(ctx, "policy:read");
  const { nodeId, ...asked } = parseInput(TestPolicyBody, body);
  const { trustDomainId, proposal } = await proposalOf(ctx, asked, domainFor(ctx.actor));
  const trial = await trialOf(ctx, trustDomainId, nodeId, proposal);
  if (!trial) throw new ProblemError("node/not-found", `No node ${nodeId}.`);
  const { facts, trace } = trial;
  return { current: decisionView(trial.current), decision: decisionView(trial.decision), trace, facts };
}

const decisionView = ({ state, reason, ruleId, policyVersion }: Decision) => ({
  ...{ status: state, reason, ruleId, policyVersion },
});

/** @throws {ProblemError} `policy/invalid`, `policy/not-found` */
export async function impactOfPolicy(
  ctx: ServiceContext,
  body: ImpactBody,
  impactOf: ImpactOf,
): Promise<PolicyImpactView> {
  readScope(ctx, "policy:read");
  const asked = parseInput(ImpactBody, body);
  const { trustDomainId, proposal } = await proposalOf(ctx, asked, domainFor(ctx.actor));
  const { statuses, moves, named, removedRules, ...totals } = await impactOf(ctx, trustDomainId, proposal);
  const status = (text: string) => text as TrustStatus;
  return {
    ...totals,
    statuses: statuses.map((row) => ({ ...row, status: status(row.status) })),
    moves: [...moves],
    named: named.map((row) => ({ ...row, from: status(row.from), to: status(row.to) })),
    removedRules: [...removedRules],
  };
}

/**
 * Replay the last days under a policy.
 *
 * @returns a start: everything that can be refused has been, before the first progress is told
 * @throws {ProblemError} `policy/invalid`, `policy/not-found`
 */
export async function backtestPolicy(ctx: ServiceContext, body: BacktestBody, replayOf: ReplayOf) {
  readScope(ctx, "policy:read");
  const { days, ...asked } = parseInput(BacktestBody, body);
  const { trustDomainId, proposal } = await proposalOf(ctx, asked, domainFor(ctx.actor));
  const to = ctx.now();
  const from = new Date(to.getTime() - days * DAY_MS);
  return async (
    onProgress: (progress: { nodes: number; states: number }) => Promise<void> | void,
    signal: AbortSignal,
  ): Promise<BacktestView | null> => {
    const result = await replayOf(ctx, trustDomainId, proposal, { from, to }, onProgress, signal);
    return result && { from: from.toISOString(), to: to.toISOString(), ...result, rules: rulesOf(result) };
  };
}

const rulesOf = ({ rules }: Backtest) =>
  rules.map(({ days, ...rule }) => ({
    ...rule,
    days: days.map(({ fromMs, fired }) => ({ day: new Date(fromMs).toISOString().slice(0, 10), fired })),
  }));
