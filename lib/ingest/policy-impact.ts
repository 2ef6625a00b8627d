/** What enforcing a version would move, by the decision's own computation, without writing. */
import { inTransaction, type SqlPool } from "#db/transaction";
import { type Moves, MoveTally } from "#lib/domain/moves";
import type { Decision, PolicyFacts } from "#lib/domain/policy";
import { evaluate, type TraceStep } from "#lib/policy/evaluate";
import { comparedNodes, type Proposal, policySides, SNAPSHOT } from "./policy-compare.ts";

export type PolicyImpact = {
  nodes: number;
  /** How many nodes have each status now, and would have. */
  statuses: { status: string; current: number; proposed: number }[];
  moves: Moves["moves"];
  movedTotal: number;
  named: Moves["named"];
  /** Rules in force for some node that the proposed policy does not have, and how many nodes each decides now. */
  removedRules: { policyVersion: string; ruleId: string; nodes: number }[];
};

export function policyImpact(
  pool: SqlPool,
  trustDomainId: string,
  proposal: Proposal,
  now: Date,
): Promise<PolicyImpact> {
  return inTransaction(
    pool,
    async (client) => {
      const impact: PolicyImpact = {
        ...{ nodes: 0, statuses: [], moves: [], movedTotal: 0, named: [], removedRules: [] },
      };
      const counts = new Map<string, PolicyImpact["statuses"][number]>();
      const tally = new MoveTally();
      const removed = new Map<string, PolicyImpact["removedRules"][number]>();
      const kept = new Set(proposal.policy.bundle.rules.map(({ id }) => id));
      const count = (status: string, which: "current" | "proposed") => {
        const row = counts.get(status) ?? { status, current: 0, proposed: 0 };
        row[which] += 1;
        counts.set(status, row);
      };
      for await (const batch of comparedNodes(client, trustDomainId, policySides(proposal, now.getTime()))) {
        for (const { nodeId, name, current, proposed } of batch) {
          impact.nodes += 1;
          count(current.state, "current");
          count(proposed.state, "proposed");
          const replaced = proposed.policyVersion === proposal.policy.version;
          if (replaced && !kept.has(current.ruleId)) addRemoved(removed, current);
          const { ruleId, reason } = proposed;
          tally.add({ id: nodeId, name, from: current.state, to: proposed.state, ruleId, reason });
        }
      }
      const { moves, total, named } = tally.result();
      Object.assign(impact, { moves, movedTotal: total, named });
      impact.statuses = [...counts.values()].sort((a, b) => (a.status < b.status ? -1 : 1));
      impact.removedRules = [...removed.values()].sort((a, b) => b.nodes - a.nodes);
      return impact;
    },
    SNAPSHOT,
  );
}

function addRemoved(
  removed: Map<string, PolicyImpact["removedRules"][number]>,
  { policyVersion, ruleId }: Decision,
): void {
  const key = `${policyVersion} ${ruleId}`;
  const row = removed.get(key) ?? { policyVersion, ruleId, nodes: 0 };
  row.nodes += 1;
  removed.set(key, row);
}

export type NodeTrial = { facts: PolicyFacts; decision: Decision; current: Decision; trace: TraceStep[] };

/** What a policy makes of one node now, rule by rule; `null` = there is no such node. */
export function tryOnNode(
  pool: SqlPool,
  trustDomainId: string,
  nodeId: string,
  proposal: Proposal,
  now: Date,
): Promise<NodeTrial | null> {
  return inTransaction(
    pool,
    async (client) => {
      const sides = policySides(proposal, now.getTime());
      for await (const [node] of comparedNodes(client, trustDomainId, sides, { onlyIds: [nodeId] })) {
        if (!node) return null;
        const { bundle, version } = proposal.policy;
        const { decision, trace } = evaluate(bundle, version, node.facts, [], true);
        return { facts: node.facts, decision, current: node.current, trace };
      }
      return null;
    },
    SNAPSHOT,
  );
}
