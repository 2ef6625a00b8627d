/**
 * What is made of nodes on two sides: under what is in force, and under what somebody proposes. Reads only.
 *
 * Both sides are decided by what afterwards decides: there is no second opinion about what a change would do.
 */
import { nodesForPreview } from "#db/queries/distrust";
import { nodesAfter, type OpenLane, openLanes } from "#db/queries/policy-work";
import { BY_INDEX, type SqlClient } from "#db/transaction";
import type { DriftInterval } from "#lib/domain/drift";
import { type EnrolmentDecision, holdLine } from "#lib/domain/enrolment";
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

/** How the lanes of nodes differ from their baselines. */
export type DriftByNode = ReadonlyMap<string, readonly DriftInterval[]>;

/** One side of a comparison: nodes as they say now, judged at an instant. */
export type Side = {
  atMs: number;
  /** What decides; absent = what is in force. */
  policies?: (inForce: PolicyCourse) => PolicyCourse;
  /** How the nodes' lanes differ; absent = as it is recorded. */
  drift?: (nodeIds: readonly string[]) => Promise<DriftByNode>;
};

export type Sides = { current: Side; proposed: Side };

/** What is made of one node now, and what would be. */
export type Comparison = {
  nodeId: string;
  name: string;
  /** Those of the proposed side. */
  facts: PolicyFacts;
  current: Decision;
  proposed: Decision;
};

/** Nodes that are compared at a time, unless said otherwise. */
const BATCH = 500;
/** One picture of the database for all batches, although ingest goes on. */
export const SNAPSHOT = `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; ${BY_INDEX}`;

/** The two sides of a proposed policy, from an instant on. */
export const policySides = (proposal: Proposal, atMs: number): Sides => ({
  current: { atMs },
  proposed: { atMs, policies: (inForce) => withProposal(inForce, proposal, atMs) },
});

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
  { current, proposed }: Sides,
  { onlyIds = null, batch = BATCH }: { onlyIds?: readonly string[] | null; batch?: number } = {},
): AsyncGenerator<Comparison[]> {
  for (let after: string | null = null; ; ) {
    const nodeIds: readonly string[] = onlyIds ?? (await nodesAfter(client, trustDomainId, after, batch));
    after = nodeIds.at(-1) ?? null;
    if (after === null) return;
    const lanes = Map.groupBy(await openLanes(client, trustDomainId, nodeIds), ({ nodeId }) => nodeId);
    const grounds = await loadPolicyGrounds(client, trustDomainId, nodeIds, true);
    const previews = await nodesForPreview(client, trustDomainId, nodeIds);
    const known = new Map(previews.map((node) => [node.nodeId, node]));
    const held = await decisionsByNode({ client, trustDomainId, nodes: known }, nodeIds);
    const judgeOf = async ({ atMs, policies, drift }: Side) => {
      const course = policies?.(grounds.course) ?? grounds.course;
      const differing = (await drift?.(nodeIds)) ?? grounds.drift;
      return (nodeId: string) => {
        const facts = factsAt(nodeId, lanes.get(nodeId) ?? [], { ...grounds, drift: differing }, atMs);
        return { facts, decision: decideAt(course, facts, held.get(nodeId), atMs) };
      };
    };
    const [now, then] = [await judgeOf(current), await judgeOf(proposed)];
    yield previews.map(({ nodeId, name }): Comparison => {
      const { facts, decision } = then(nodeId);
      return { nodeId, name, facts, current: now(nodeId).decision, proposed: decision };
    });
    if (onlyIds) return;
  }
}

function decideAt(
  course: PolicyCourse,
  facts: PolicyFacts,
  enrolment: readonly EnrolmentDecision[] | undefined,
  atMs: number,
): Decision {
  const decision = decisionsFor(course, facts.node, atMs).decide(facts, atMs);
  if (!enrolment) return decision;
  const [line] = holdLine([{ fromMs: atMs, toMs: null, ...decision }], enrolment);
  return line ? { ...decision, state: line.state, reason: line.reason } : decision;
}

/** The facts of a node at one instant, by what it says now, as its line would be decided from them. */
function factsAt(
  nodeId: string,
  lanes: readonly OpenLane[],
  grounds: PolicyGrounds,
  atMs: number,
): PolicyFacts {
  const open = lanes.map(({ sourceId, submod, state, reason, afterFailure, tier, outcome, gap }) => ({
    ...{ nodeId, sourceId, submod },
    interval: {
      ...{ fromMs: atMs, state, reason, afterFailure, hash: gap ? null : "" },
      statement: { tier, outcome, vector: [], measurementDigest: null, kid: null },
    },
  }));
  const differing = (grounds.drift.get(nodeId) ?? [])
    .filter(({ fromMs, toMs }) => fromMs <= atMs && (toMs === null || atMs < toMs))
    .map((interval) => ({ ...interval, fromMs: atMs, toMs: null }));
  const names = new Map([...grounds.sources].map(([id, { name }]) => [id, name]));
  const current = { ...grounds, drift: new Map([[nodeId, differing]]) };
  const asked: PolicyFacts[] = [];
  const fuse = { ...fuseGroundsOf(nodeId, open, current, laneNamer(names)), seenFromMs: atMs, turns: [] };
  fuseLanes(fuse, (facts) => {
    asked.push(facts);
    return { state: "pending", reason: "", ruleId: "", policyVersion: "", exceptionId: null };
  });
  return asked[0] ?? { node: fuse.node, lanes: [], drift: [] };
}
