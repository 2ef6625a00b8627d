/** People, nodes with evidence, and the ways of a policy from text to force, for tests. */
import { randomUUID } from "node:crypto";
import type { Db } from "#db/client";
import { appUser, roleGrant } from "#db/schema/people";
import type { Role } from "#lib/domain/access";
import { replayPolicy } from "#lib/ingest/policy-backtest";
import { policyImpact, tryOnNode } from "#lib/ingest/policy-impact";
import { compareShadow } from "#lib/jobs/compare-shadow";
import { decideAgain } from "#lib/jobs/decide-again";
import { decideChange } from "#lib/services/change-request/decide";
import { proposeChange } from "#lib/services/change-request/propose";
import type { ServiceContext } from "#lib/services/context";
import { enforcePolicyKind } from "#lib/services/policy/enforce";
import { savePolicy } from "#lib/services/policy/save";
import type { ImpactOf, ReplayOf, TrialOf } from "#lib/services/policy/trial";
import { BATCH, cloudEvent, type World } from "./ingest-world.ts";

const REASON = "Because the test says so";

export const impactOf: ImpactOf = ({ db, now }, domain, proposal) =>
  policyImpact(db.$client, domain, proposal, now());
export const trialOf: TrialOf = ({ db, now }, domain, nodeId, proposal) =>
  tryOnNode(db.$client, domain, nodeId, proposal, now());
export const replayOf: ReplayOf = ({ db }, domain, proposal, window, onProgress, signal) =>
  replayPolicy(db.$client, domain, proposal, window, onProgress, signal);

const KINDS = [enforcePolicyKind(impactOf)];

/** A person of the world's trust domain, in the database and as a request of theirs. */
export async function policyPerson(db: Db, world: World, role: Role): Promise<ServiceContext> {
  const id = randomUUID();
  const email = `${role}-${id}@example.org`;
  const createdAt = world.clock.now;
  const account = { passwordHash: "x", mustChangePassword: false, failedSignIns: 0 };
  await db.insert(appUser).values({ id, email, ...account, createdAt });
  await db.insert(roleGrant).values({ userId: id, trustDomainId: world.trustDomainId, role, createdAt });
  const trustDomainIds = [world.trustDomainId];
  const actor = {
    kind: "user",
    id,
    sessionId: "00",
    email,
    role,
    trustDomainIds,
    mustChangePassword: false,
  } as const;
  return { db, actor, requestId: "request-1", address: null, now: () => world.clock.now };
}

/** A policy that fails nodes by a condition and else trusts what affirms itself. */
export const policyText = (name: string, when: string, status = "failed") => `name: ${name}
description: A policy for tests
rules:
  - id: ours
    when: ${JSON.stringify(when)}
    status: ${status}
    reason: "'Ours says so'"
    docs: What the test asks.
  - id: fine
    when: lanes.exists(l, l.state == "trusted")
    status: trusted
    reason: "'Fine'"
    docs: Something affirms it.
  - id: rest
    when: true
    status: pending
    reason: "'Nothing'"
    docs: Everything else.
`;

export async function saved(
  author: ServiceContext,
  text: string,
): Promise<{ name: string; version: number }> {
  return savePolicy(author, { text });
}

/** Propose and approve, by two people. */
export async function enforce(
  proposer: ServiceContext,
  approver: ServiceContext,
  payload: { name: string; version: number; selector?: string; percent?: number },
) {
  const change = await proposeChange(proposer, { kind: "policy.enforce", payload, reason: REASON }, KINDS);
  const { id: requestId, planHash } = change;
  await decideChange(approver, { requestId, planHash, decision: "approve", reason: REASON }, KINDS);
  return change;
}

/** Let the worker's jobs about policies run until nothing is left. */
export async function settle(db: Db, world: World): Promise<void> {
  const context = { db, now: () => world.clock.now };
  const { signal } = new AbortController();
  while ((await decideAgain.run(context, signal)) === "more");
  await compareShadow.run(context, signal);
}

/** Send one verdict about a node. */
export async function verdictOf(world: World, bearer: string, node: string, atMs: number, status: string) {
  const observedAt = new Date(atMs).toISOString();
  const data = { schema: "touchstone.verdict/1", node: { id: node }, observedAt, status };
  const body = JSON.stringify([cloudEvent("verdict", data)]);
  const { json } = await world.send({ bearer, path: "/api/v1/events", headers: BATCH, body });
  if (json.accepted !== 1) throw new Error(JSON.stringify(json));
}
