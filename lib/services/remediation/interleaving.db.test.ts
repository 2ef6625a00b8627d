import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { lane, node } from "#db/schema/fleet";
import { roleGrant } from "#db/schema/people";
import { policy, policyActivation, policyVersion } from "#db/schema/policy";
import { execution, remediationRequest, remediationVote } from "#db/schema/remediation";
import { remediationLimits } from "#db/schema/remediation-limits";
import type { PlanFacts } from "#lib/domain/remediation";
import { BUILT_IN_LIMITS } from "#lib/domain/remediation-limits";
import { uuidv7 } from "#lib/services/uuidv7";
import { useDatabase } from "#tests/pg";
import { makeRemediationWorld, type RemediationWorld } from "#tests/remediation-world";
import { NOW, refusalOf } from "#tests/world";

const { pool } = useDatabase();
const HOUR = 3_600_000;
const timeout = 120_000;

let world: RemediationWorld;
let cases = 0;
beforeAll(async () => {
  world = await makeRemediationWorld(pool);
});

/** A request of its own: two people, one node in a pool of its own. */
async function scene(action: "quarantine" | "release" = "quarantine") {
  cases += 1;
  const asker = await world.person("analyst");
  const approver = await world.person("approver");
  const lifecycle = action === "release" ? "quarantined" : "suspect";
  const nodeId = await world.addNode(`n${cases}`, { lifecycle, labels: { pool: `pool ${cases}` } });
  await world.reprovision(nodeId);
  const made = await world.request(asker.ctx, [nodeId], { action });
  return { asker, approver, nodeId, made };
}
type Scene = Awaited<ReturnType<typeof scene>>;

const executionsOf = async ({ made }: Scene) =>
  (await world.db.select().from(execution).where(eq(execution.requestId, made.id))).length;
const votesOf = async ({ made }: Scene) =>
  (await world.db.select().from(remediationVote).where(eq(remediationVote.requestId, made.id))).length;

/** What may happen around a vote. The double click is two votes at once. */
const EVENTS = {
  async vote({ approver, made }: Scene) {
    const clicks = await Promise.allSettled([world.vote(approver.ctx, made), world.vote(approver.ctx, made)]);
    return clicks.filter(({ status }) => status === "fulfilled").length;
  },
  async "role loss"({ approver }: Scene) {
    await world.db.delete(roleGrant).where(eq(roleGrant.userId, approver.id));
  },
  async "target change"({ nodeId }: Scene) {
    await world.reprovision(nodeId);
  },
  async expiry() {
    world.later(HOUR);
  },
};
type Event = keyof typeof EVENTS;

function orderings(events: readonly Event[]): Event[][] {
  if (events.length < 2) return [[...events]];
  return events.flatMap((first) =>
    orderings(events.filter((event) => event !== first)).map((rest) => [first, ...rest]),
  );
}
const ORDERINGS = orderings(Object.keys(EVENTS) as Event[]);

describe("a vote, the loss of a role, another target and the end of the time", { timeout }, () => {
  it("come in 24 orders", () => expect(ORDERINGS).toHaveLength(24));

  it.each(ORDERINGS.map((order) => [order.join(", "), order] as const))(
    "in the order %s: it is started once when the vote came first and the worker was quick, and never otherwise",
    async (_, order) => {
      for (const quick of [true, false]) {
        const one = await scene();
        let accepted = 0;
        for (const event of order) {
          accepted += (await EVENTS[event](one)) ?? 0;
          // Two workers at once are one too many on purpose.
          if (quick) await Promise.all([world.runDue(), world.runDue()]);
        }
        await Promise.all([world.runDue(), world.runDue()]);
        const first = order[0] === "vote";
        expect(accepted, "votes that were taken").toBe(first ? 1 : 0);
        expect(await votesOf(one), "votes that are kept").toBe(accepted);
        expect(await executionsOf(one), `executions, ${quick ? "quick" : "late"} worker`).toBe(
          first && quick ? 1 : 0,
        );
        const { state } = await world.stored(one.made);
        expect(first && quick ? ["executing"] : ["superseded", "expired"]).toContain(state);
      }
    },
  );

  it("all at once, many times: what is accepted is kept, and nothing starts without a vote that counts", async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      const one = await scene();
      const { approver, made } = one;
      const [clicks] = await Promise.all([
        EVENTS.vote(one),
        EVENTS["role loss"](one),
        EVENTS["target change"](one),
        world.runDue(),
        world.runDue(),
      ]);
      await world.runDue();
      expect(await votesOf(one)).toBe(clicks);
      expect(clicks).toBeLessThanOrEqual(1);
      expect(await executionsOf(one)).toBeLessThanOrEqual(clicks);
      expect(await refusalOf(world.vote(approver.ctx, made))).not.toBe("not refused");
    }
  });
});

/** Another value for every member of a plan. */
const OTHERWISE: { [K in keyof PlanFacts]-?: (plan: PlanFacts) => PlanFacts[K] } = {
  action: () => "decommission",
  targets: ({ targets }) => [...targets, { nodeId: uuidv7(NOW), incarnationId: null }],
  recipe: ({ recipe }) => `${recipe} `,
  recipeVersion: ({ recipeVersion }) => recipeVersion + 1,
  params: () => ({ drain: true }),
  policyVersion: ({ policyVersion: now }) => `${now} and more`,
  evidenceDigests: ({ evidenceDigests }) => evidenceDigests.slice(1),
  expiresAtMs: ({ expiresAtMs }) => expiresAtMs + 1,
  startAtMs: () => NOW.getTime(),
  window: ({ window: now }) => (now === "ignore" ? "respect" : "ignore"),
  limits: ({ limits }) => ({ ...limits, poolPercent: limits.poolPercent + 1 }),
  drill: () => ({ marks: [uuidv7(NOW)] }),
};

/** What the world can do to a member of a plan; the others are in nobody's hands. */
const BY_THE_WORLD: Partial<Record<keyof PlanFacts, (one: Scene) => Promise<unknown>>> = {
  targets: ({ nodeId }) => world.reprovision(nodeId),
  recipeVersion: async () => {
    world.book.recipe = { ...world.recipe, version: 2 };
  },
  recipe: async () => {
    world.book.recipe = null;
  },
  policyVersion: () => enforcePolicy(),
  limits: () =>
    world.db.insert(remediationLimits).values({
      ...{ trustDomainId: world.home, version: cases, reason: "x", author: null, validFrom: NOW },
      content: { ...BUILT_IN_LIMITS, poolPercent: 10 + cases },
    }),
  evidenceDigests: ({ nodeId }) =>
    world.db
      .update(lane)
      .set({ openingHash: Buffer.alloc(32, cases) })
      .where(eq(lane.nodeId, nodeId)),
};

async function enforcePolicy(): Promise<void> {
  const [trustDomainId, id] = [world.home, uuidv7(NOW)];
  await world.db
    .insert(policy)
    .values({ trustDomainId, id, name: `p${cases}`, createdBy: null, createdAt: NOW });
  await world.db.insert(policyVersion).values({
    ...{ trustDomainId, policyId: id, version: 1, digest: Buffer.alloc(32, cases), text: "x", note: "" },
    ...{ author: null, createdAt: NOW },
  });
  await world.db.insert(policyActivation).values({
    ...{
      trustDomainId,
      id: uuidv7(NOW),
      policyId: id,
      version: 1,
      stage: "enforced",
      selector: "",
      percent: 100,
    },
    ...{ validFrom: NOW, validTo: null, changeRequestId: null, createdBy: null, createdAt: NOW },
    ...{ comparedAt: null, comparedNodes: null },
  });
}

const FIELDS = Object.keys(OTHERWISE) as (keyof PlanFacts)[];

describe.each(FIELDS)("the member %s of a plan", { timeout }, (field) => {
  const stored = async (one: Scene) => (await world.stored(one.made)).plan as PlanFacts;
  const tamper = async (one: Scene) => {
    const plan = await stored(one);
    const changed = { ...plan, [field]: OTHERWISE[field](plan) };
    await world.db
      .update(remediationRequest)
      .set({ plan: changed })
      .where(eq(remediationRequest.id, one.made.id));
  };

  it("ends the request when it is changed where it is stored, before the vote and before the start", async () => {
    const early = await scene("release");
    await tamper(early);
    expect(await refusalOf(world.vote(early.approver.ctx, early.made))).toBe("remediation/plan-changed");
    expect(await world.stored(early.made)).toMatchObject({ state: "superseded" });

    const late = await scene();
    await world.vote(late.approver.ctx, late.made);
    await tamper(late);
    await world.runDue();
    expect(await world.stored(late.made)).toMatchObject({
      state: "superseded",
      outcome: "What is stored is not what was agreed on.",
    });
    expect([await executionsOf(early), await executionsOf(late)]).toEqual([0, 0]);
  });
});

describe.each(Object.entries(BY_THE_WORLD))(
  "when the world changes the member %s of a plan",
  (field, change) => {
    it("ends the request, before the vote and before the start", { timeout }, async () => {
      const early = await scene("release");
      await change(early);
      expect(await refusalOf(world.vote(early.approver.ctx, early.made)), field).toBe(
        "remediation/plan-changed",
      );
      world.book.recipe = world.recipe;

      const late = await scene("release");
      const second = await world.person("approver");
      await world.vote(late.approver.ctx, late.made);
      expect(await world.vote(second.ctx, late.made)).toMatchObject({ state: "approved" });
      await change(late);
      await world.runDue();
      world.book.recipe = world.recipe;
      expect(await world.stored(late.made)).toMatchObject({ state: "superseded" });
      expect(await executionsOf(late)).toBe(0);
    });
  },
);

describe("what is in the hands of the party that an action is directed against", () => {
  it("does not keep it from being isolated: new evidence changes nothing", async () => {
    const one = await scene();
    await BY_THE_WORLD.evidenceDigests?.(one);
    expect(await world.vote(one.approver.ctx, one.made)).toMatchObject({ state: "approved" });
    await BY_THE_WORLD.evidenceDigests?.(one);
    await world.runDue();
    expect(await executionsOf(one)).toBe(1);
  });

  it("cannot make fewer people decide about it: who must agree is decided again", async () => {
    const one = await scene();
    await world.vote(one.approver.ctx, one.made);
    await world.db
      .update(node)
      .set({ labels: { role: "etcd" } })
      .where(eq(node.id, one.nodeId));
    await world.runDue();
    expect(await world.stored(one.made)).toMatchObject({
      state: "superseded",
      outcome: "Who must agree to it is not what it was.",
    });
  });
});
