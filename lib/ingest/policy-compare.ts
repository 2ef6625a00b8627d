/** What a policy makes of nodes as they are now, beside what is made of them in force. Reads only. */
import { nodesForPreview } from "#db/queries/distrust";
import { nodesAfter, type OpenLane, openLanes } from "#db/queries/policy-work";
import type { SqlClient } from "#db/transaction";
import { holdLine } from "#lib/domain/enrolment";
import { fuseLanes } from "#lib/domain/fuse";
import type { Decision, PolicyFacts } from "#lib/domain/policy";
import { decisionsFor, type PolicyCourse } from "#lib/policy/course";
import type { Policy } from "#lib/policy/evaluate";
import { fuseGroundsOf } from "./fuse-grounds.ts";
import { loadPolicyGrounds, type PolicyGrounds } from "./policy-grounds.ts";
import { decisionsByNode } from "./revise-lanes.ts";
import { laneNamer } from "./store.ts";

/** A version as it would be in force, for a part of the nodes. */
export type Proposal = { policy: Policy; selector: string; percent: number };

/** What is made of one node now, and what would be. */
export type Comparison = {
  nodeId: string;
  name: string;
  facts: PolicyFacts;
  current: Decision;
  proposed: Decision;
};

const BATCH = 500;

/** The course as it would be from an instant on: the newest activation decides. */
export function withProposal(course: PolicyCourse, proposal: Proposal, fromMs: number): PolicyCourse {
  const { policy, selector, percent } = proposal;
  const activation = { id: "~", policyVersion: policy.version, selector, percent, fromMs, toMs: null };
  return {
    ...course,
    activations: [...course.activations, activation],
    policies: new Map([...course.policies, [policy.version, policy]]),
  };
}

/**
 * Compare the nodes of a trust domain, batch by batch.
 *
 * @param onlyIds these nodes; `null` = all
 */
export async function* comparedNodes(
  client: SqlClient,
  trustDomainId: string,
  proposal: Proposal,
  now: Date,
  onlyIds: readonly string[] | null = null,
): AsyncGenerator<Comparison[]> {
  const nowMs = now.getTime();
  for (let after: string | null = null; ; ) {
    const nodeIds: readonly string[] = onlyIds ?? (await nodesAfter(client, trustDomainId, after, BATCH));
    after = nodeIds.at(-1) ?? null;
    if (after === null) return;
    const lanes = Map.groupBy(await openLanes(client, trustDomainId, nodeIds), ({ nodeId }) => nodeId);
    const grounds = await loadPolicyGrounds(client, trustDomainId, nodeIds, true);
    const previews = await nodesForPreview(client, trustDomainId, nodeIds);
    const known = new Map(previews.map((node) => [node.nodeId, node]));
    const held = await decisionsByNode({ client, trustDomainId, nodes: known }, nodeIds);
    const proposed = withProposal(grounds.course, proposal, nowMs);
    yield previews.map(({ nodeId, name }): Comparison => {
      const facts = factsNow(nodeId, lanes.get(nodeId) ?? [], grounds, nowMs);
      const decided = (course: PolicyCourse): Decision => {
        const decision = decisionsFor(course, facts.node, nowMs).decide(facts, nowMs);
        const enrolment = held.get(nodeId);
        if (!enrolment) return decision;
        const [line] = holdLine([{ fromMs: nowMs, toMs: null, ...decision }], enrolment);
        return line ? { ...decision, state: line.state, reason: line.reason } : decision;
      };
      return { nodeId, name, facts, current: decided(grounds.course), proposed: decided(proposed) };
    });
    if (onlyIds) return;
  }
}

/** The facts of a node at one instant, as its line would be decided from them. */
function factsNow(
  nodeId: string,
  lanes: readonly OpenLane[],
  grounds: PolicyGrounds,
  nowMs: number,
): PolicyFacts {
  const open = lanes.map(({ sourceId, submod, state, reason, afterFailure, tier, outcome, gap }) => ({
    ...{ nodeId, sourceId, submod },
    interval: {
      ...{ fromMs: nowMs, state, reason, afterFailure, hash: gap ? null : "" },
      statement: { tier, outcome, vector: [], measurementDigest: null, kid: null },
    },
  }));
  const differing = (grounds.drift.get(nodeId) ?? [])
    .filter(({ fromMs, toMs }) => fromMs <= nowMs && (toMs === null || nowMs < toMs))
    .map((interval) => ({ ...interval, fromMs: nowMs, toMs: null }));
  const names = new Map([...grounds.sources].map(([id, { name }]) => [id, name]));
  const current = { ...grounds, drift: new Map([[nodeId, differing]]) };
  const asked: PolicyFacts[] = [];
  const fuse = { ...fuseGroundsOf(nodeId, open, current, laneNamer(names)), seenFromMs: nowMs, turns: [] };
  fuseLanes(fuse, (facts) => {
    asked.push(facts);
    return { state: "pending", reason: "", ruleId: "", policyVersion: "", exceptionId: null };
  });
  return asked[0] ?? { node: fuse.node, lanes: [], drift: [] };
}
