/** What deciding about nodes needs besides their lanes: the policies in force, and the nodes as policies see them. */
import { driftIntervals } from "#db/queries/drift-interval";
import { type CourseActivation, policyCourse, policyTexts } from "#db/queries/policy-course";
import { selectorNodes } from "#db/queries/selector-node";
import type { SqlClient } from "#db/transaction";
import type { SelectorNode } from "#lib/domain/baseline";
import type { DriftInterval } from "#lib/domain/drift";
import { readBundle } from "#lib/policy/bundle";
import { asksNode, type PolicyCourse } from "#lib/policy/course";
import { type Policy, policyOf, unreadablePolicy } from "#lib/policy/evaluate";

/** The course of a trust domain, and its sources by id. */
type TrustDomainCourse = {
  course: PolicyCourse;
  /** What is in shadow now or was. */
  shadows: readonly CourseActivation[];
  sources: ReadonlyMap<string, { name: string; kind: string }>;
};

export type PolicyGrounds = TrustDomainCourse & {
  /** Complete only where the course asks for it. */
  nodes: ReadonlyMap<string, SelectorNode>;
  drift: ReadonlyMap<string, readonly DriftInterval[]>;
};

/** Compiled versions by `name@version digest`: a version never changes. */
const compiled = new Map<string, Policy>();
const COMPILED = 200;

/** Read what decides. */
async function loadCourse(client: SqlClient, trustDomainId: string): Promise<TrustDomainCourse> {
  const { activations, exceptions, sources } = await policyCourse(client, trustDomainId);
  const policies = await policiesOf(client, trustDomainId, activations);
  return {
    course: { activations: activations.filter(({ stage }) => stage === "enforced"), exceptions, policies },
    shadows: activations.filter(({ stage }) => stage === "shadow"),
    sources: new Map(sources.map(({ id, name, kind }) => [id, { name, kind }])),
  };
}

/**
 * Read what decides, and about whom.
 *
 * @param everything read the nodes whether or not what is in force asks about them
 */
export async function loadPolicyGrounds(
  client: SqlClient,
  trustDomainId: string,
  nodeIds: readonly string[],
  everything = false,
): Promise<PolicyGrounds> {
  const loaded = await loadCourse(client, trustDomainId);
  const nodes =
    everything || asksNode(loaded.course) ? await selectorNodes(client, trustDomainId, nodeIds) : NO_NODES;
  const drift = Map.groupBy(await driftIntervals(client, trustDomainId, nodeIds), ({ nodeId }) => nodeId);
  return { ...loaded, nodes, drift };
}

/** Whether what decides in a trust domain knows nodes apart by more than their evidence. */
export async function policyAsksNodes(client: SqlClient, trustDomainId: string): Promise<boolean> {
  return asksNode((await loadCourse(client, trustDomainId)).course);
}

/** What is in shadow at an instant, as what it would be if it were enforced. */
export async function shadowsOf(
  client: SqlClient,
  trustDomainId: string,
  atMs: number,
): Promise<{ activationId: string; proposal: { policy: Policy; selector: string; percent: number } }[]> {
  const { shadows, course } = await loadCourse(client, trustDomainId);
  return shadows
    .filter(({ fromMs, toMs }) => fromMs <= atMs && (toMs === null || atMs < toMs))
    .flatMap(({ id, policyVersion, selector, percent }) => {
      const policy = course.policies.get(policyVersion);
      return policy ? [{ activationId: id, proposal: { policy, selector, percent } }] : [];
    });
}

const NO_NODES: ReadonlyMap<string, SelectorNode> = new Map();

async function policiesOf(
  client: SqlClient,
  trustDomainId: string,
  activations: readonly CourseActivation[],
): Promise<Map<string, Policy>> {
  if (compiled.size > COMPILED) compiled.clear();
  const missing = activations.filter((activation) => !compiled.has(keyOf(activation)));
  const digests = [...new Set(missing.map(({ digest }) => digest))];
  const texts = await policyTexts(client, trustDomainId, digests);
  const policies = new Map<string, Policy>();
  for (const activation of activations) {
    const key = keyOf(activation);
    const policy = compiled.get(key) ?? compile(activation, texts.get(activation.digest) ?? "");
    compiled.set(key, policy);
    policies.set(activation.policyVersion, policy);
  }
  return policies;
}

const keyOf = ({ policyVersion, digest }: CourseActivation) => `${policyVersion} ${digest}`;

/** A text that was accepted once and cannot be read now must not take ingest down, nor trust anything. */
function compile({ policyVersion }: CourseActivation, text: string): Policy {
  const read = readBundle(text);
  return read.ok ? policyOf(read.bundle, policyVersion) : unreadablePolicy(policyVersion);
}
