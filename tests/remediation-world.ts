/** A small world for tests of remediation: nodes that can be acted on, people, and a book of recipes. */
import { eq } from "drizzle-orm";
import type { Pool } from "pg";
import { z } from "zod";
import { node, nodeState } from "#db/schema/fleet";
import { incarnation } from "#db/schema/identity";
import { appUser, roleGrant } from "#db/schema/people";
import { remediationRequest } from "#db/schema/remediation";
import type { Role } from "#lib/domain/access";
import type { LifecycleState } from "#lib/domain/lifecycle-table";
import type { RemediationAction } from "#lib/domain/remediation";
import type { ServiceContext } from "#lib/services/context";
import { runDueRemediations } from "#lib/services/remediation/due";
import { remediationGet } from "#lib/services/remediation/get";
import { requestRemediation } from "#lib/services/remediation/request";
import type { PlannedRecipe, RemediationTools } from "#lib/services/remediation/tools";
import { voteRemediation } from "#lib/services/remediation/vote";
import { uuidv7 } from "#lib/services/uuidv7";
import { makeWorld, NOW } from "./world.ts";

export const REASON = "because the evidence says so";

export type RemediationWorld = Awaited<ReturnType<typeof makeRemediationWorld>>;

/** Nodes are `suspect` unless said otherwise; the clock stands still until somebody moves it. */
export async function makeRemediationWorld(pool: Pool) {
  const world = await makeWorld(pool);
  const clock = { now: NOW };
  const recipe: PlannedRecipe = {
    name: "usual",
    version: 1,
    params: z.strictObject({ drain: z.boolean().optional() }),
  };
  const book = { recipe: recipe as PlannedRecipe | null };
  const live: Awaited<ReturnType<RemediationTools["previewTargets"]>> = [];
  const tools: RemediationTools = { recipe: () => book.recipe, previewTargets: async () => live };
  let people = 0;

  /** A person in the database with a role, and the context of their requests. */
  const person = async (role: Role, options: { email?: string; domain?: string } = {}) => {
    people += 1;
    const { email = `${role}${people}@example.org`, domain = world.home } = options;
    const id = uuidv7(NOW);
    const account = { id, email, passwordHash: "x", mustChangePassword: false };
    await world.db.insert(appUser).values({ ...account, failedSignIns: 0, createdAt: NOW });
    await world.db.insert(roleGrant).values({ userId: id, trustDomainId: domain, role, createdAt: NOW });
    const base = world.as(role, [domain]);
    if (base.actor.kind !== "user") throw new Error("not a person");
    const ctx: ServiceContext = { ...base, actor: { ...base.actor, id, email }, now: () => clock.now };
    return { id, email, ctx };
  };

  const addNode = async (
    name: string,
    {
      lifecycle = "suspect",
      labels = {},
      domain = world.home,
    }: {
      lifecycle?: LifecycleState;
      labels?: Record<string, string>;
      domain?: string;
    } = {},
  ) => {
    const nodeId = await world.addNode({ name, status: "failed", domain });
    await world.db.update(node).set({ labels }).where(eq(node.id, nodeId));
    await setLife(nodeId, lifecycle);
    return nodeId;
  };
  const setLife = (nodeId: string, lifecycleState: LifecycleState) =>
    world.db.update(nodeState).set({ lifecycleState }).where(eq(nodeState.nodeId, nodeId));

  /** The machine is provisioned again. */
  const reprovision = async (nodeId: string) => {
    await world.db.update(incarnation).set({ closedAt: NOW }).where(eq(incarnation.nodeId, nodeId));
    const id = uuidv7(NOW);
    const opened = { why: "tested", openedByKind: "spiffe_id", openedByValue: id };
    await world.db
      .insert(incarnation)
      .values({ trustDomainId: world.home, nodeId, id, openedAt: NOW, closedAt: null, ...opened });
  };

  const request = async (
    by: ServiceContext,
    nodeIds: readonly string[],
    more: { action?: RemediationAction; startAt?: string; window?: "ignore" | "respect" } = {},
  ) =>
    requestRemediation(
      by,
      { action: "quarantine", targets: { nodeIds: [...nodeIds] }, params: {}, reason: REASON, ...more },
      tools,
    );
  const vote = (
    by: ServiceContext,
    { id, planHash }: { id: string; planHash: string },
    decision: "approve" | "deny" = "approve",
  ) => voteRemediation(by, { requestId: id, planHash, decision, reason: REASON }, tools);
  const runDue = () => runDueRemediations(world.db, tools, () => clock.now);
  const get = (by: ServiceContext, { id }: { id: string }) => remediationGet(by, { requestId: id });
  const stored = async ({ id }: { id: string }) => {
    const [row] = await world.db.select().from(remediationRequest).where(eq(remediationRequest.id, id));
    if (!row) throw new Error("no such request");
    return row;
  };
  const later = (ms: number) => {
    clock.now = new Date(clock.now.getTime() + ms);
  };
  return {
    ...world,
    ...{ clock, later, book, recipe, live, tools, person, addNode, setLife, reprovision },
    ...{ request, vote, runDue, get, stored },
  };
}
