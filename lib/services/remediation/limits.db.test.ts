import { and, eq } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { auditEntry } from "#db/schema/people";
import { remediationLimits as limitsTable } from "#db/schema/remediation-limits";
import type { Role } from "#lib/domain/access";
import { BUILT_IN_LIMITS, LIMIT_NAMES, type RemediationLimits } from "#lib/domain/remediation-limits";
import type { ServiceContext } from "#lib/services/context";
import { useDatabase, whileLocked } from "#tests/pg";
import { makeRemediationWorld, type RemediationWorld } from "#tests/remediation-world";
import { refusalOf } from "#tests/world";
import { limitsInForce, previewLimits, remediationLimits } from "./limits.ts";
import { previewRemediation } from "./request.ts";
import { setRemediationLimits } from "./set-limits.ts";

const { pool } = useDatabase();
let world: RemediationWorld;
let admin: ServiceContext;
beforeAll(async () => {
  world = await makeRemediationWorld(pool);
});
beforeEach(async () => {
  await world.db.delete(limitsTable);
  admin = await seeing("admin", [world.home, world.away]);
});

/** A person of a role in some domains. */
async function seeing(role: Role, domains: readonly string[]): Promise<ServiceContext> {
  const { id, email } = await world.person(role);
  const ctx = world.as(role, domains);
  return { ...ctx, actor: ctx.actor.kind === "user" ? { ...ctx.actor, id, email } : ctx.actor };
}

const wide: RemediationLimits = { ...BUILT_IN_LIMITS, poolPercent: 40 };
const set = (ctx: ServiceContext, trustDomainId: string, version = 0, limits = wide) =>
  setRemediationLimits(ctx, {
    trustDomainId,
    version,
    limits: {
      ...limits,
      poolLabels: [...limits.poolLabels],
      failureDomainLabels: [...limits.failureDomainLabels],
      controlPlaneLabels: [...limits.controlPlaneLabels],
    },
    reason: "Because the test asks for it",
  });
const shown = async (ctx: ServiceContext, trustDomainId: string) =>
  (await remediationLimits(ctx)).domains.find((domain) => domain.trustDomainId === trustDomainId);

describe("the limits of a trust domain", () => {
  it("are the built-in ones, then its own, and hold below it unless a domain there has some", async () => {
    expect(await shown(admin, world.home)).toMatchObject({
      ...{ version: 0, origin: "built_in", reason: null },
      limits: BUILT_IN_LIMITS,
    });
    await set(admin, world.home);
    expect(await shown(admin, world.home)).toMatchObject({ version: 1, origin: "own", limits: wide });
    expect(await shown(admin, world.away)).toMatchObject({ version: 0, origin: "inherited", limits: wide });
    expect(await limitsInForce(world.db, world.away)).toEqual(wide);
    await set(admin, world.away, 0, BUILT_IN_LIMITS);
    expect(await shown(admin, world.away)).toMatchObject({ origin: "own", limits: BUILT_IN_LIMITS });
  });

  it("that are inherited show also to who does not see where they were set, and nothing else of there does", async () => {
    await set(admin, world.home);
    const { domains } = await remediationLimits(await seeing("analyst", [world.away]));
    expect(domains).toHaveLength(1);
    expect(domains[0]).toMatchObject({ origin: "inherited", limits: wide, reason: null, changedBy: null });
  });

  it("are not overwritten by who looked at another version, also when both save at once", async () => {
    const results = await whileLocked(pool, "trust_domain", "id = $1", [world.home], { blocked: 2 }, () => [
      set(admin, world.home),
      set(admin, world.home, 0, { ...wide, stormPools: 2 }),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await refusalOf(set(admin, world.home))).toBe("remediation/limits-moved");
    expect((await shown(admin, world.home))?.version).toBe(1);
  });

  it("are set with a change, within bounds, by administrators of that domain alone, and on the record", async () => {
    await set(admin, world.home);
    expect(await refusalOf(set(admin, world.home, 1))).toBe("remediation/limits-unchanged");
    for (const limits of [
      { ...wide, minHealthyPercent: 50 },
      { ...wide, poolPercent: 50 },
      { ...wide, quorumAtATime: 2 },
    ])
      expect(await refusalOf(set(admin, world.home, 1, limits))).toBe("request/invalid");
    for (const role of ["viewer", "auditor", "analyst", "approver"] as const)
      expect(await refusalOf(set((await world.person(role)).ctx, world.home, 1)), role).toBe(
        "auth/forbidden",
      );
    expect(await refusalOf(set(await seeing("admin", [world.away]), world.home, 1))).toBe("domain/not-found");
    const trail = await world.db
      .select()
      .from(auditEntry)
      .where(and(eq(auditEntry.action, "remediation.set_limits"), eq(auditEntry.outcome, "done")));
    expect(trail.at(-1)).toMatchObject({
      entityId: world.home,
      before: null,
      after: { version: 1, limits: { poolPercent: 40 }, reason: "Because the test asks for it" },
    });
  });
});

/** Another value for every limit. */
const OTHERWISE: RemediationLimits = {
  ...{ poolPercent: 40, minHealthyPercent: 60, maxFailureDomains: 2, quorumAtATime: 0, autoPerWindow: 1 },
  ...{ stormPercent: 10, stormPools: 2, stormNodes: 2 },
  ...{ poolLabels: ["team"], failureDomainLabels: ["row"], controlPlaneLabels: ["tier=control"] },
};

describe.each(LIMIT_NAMES)("when the limit %s changes", { timeout: 60_000 }, (name) => {
  const change = async () => {
    const [held] = await world.db.select().from(limitsTable).where(eq(limitsTable.trustDomainId, world.home));
    await set(admin, world.home, held?.version ?? 0, { ...BUILT_IN_LIMITS, [name]: OTHERWISE[name] });
  };

  it("no vote counts for a plan from before, and none from before is started", async () => {
    const asker = await world.person("analyst");
    const approver = await world.person("approver");
    const one = await world.addNode(`early ${name}`, { lifecycle: "suspect", labels: { pool: `e ${name}` } });
    const other = await world.addNode(`late ${name}`, {
      lifecycle: "suspect",
      labels: { pool: `l ${name}` },
    });
    const early = await world.request(asker.ctx, [one], { action: "quarantine" });
    const late = await world.request(asker.ctx, [other], { action: "quarantine" });
    expect(early.plan.limits).toEqual(BUILT_IN_LIMITS);
    await world.vote(approver.ctx, late);
    await change();
    expect(await refusalOf(world.vote(approver.ctx, early))).toBe("remediation/plan-changed");
    await world.runDue();
    for (const made of [early, late]) {
      const row = await world.stored(made);
      expect(row.state).toBe("superseded");
      expect(row.outcome).toContain("Other limits are in force now: ");
    }
  });
});

describe("what limits allow now", () => {
  it("is counted per pool and control plane, is what a plan is held to, and can be tried before it is set", async () => {
    const ids: string[] = [];
    for (let index = 0; index < 20; index += 1) {
      const labels = { pool: "gpu", zone: "a", team: index < 10 ? "left" : "right" };
      const lifecycle = index === 0 ? "quarantined" : "trusted";
      ids.push(await world.addNode(`gpu-${index}`, { lifecycle, labels }));
    }
    for (let index = 0; index < 3; index += 1)
      await world.addNode(`cp-${index}`, { lifecycle: "trusted", labels: { tier: "control", cluster: "x" } });
    const poolOf = (room: Awaited<ReturnType<typeof previewLimits>> | undefined, name: string) =>
      room?.pools.find((one) => one.name === name);
    const now = (await shown(admin, world.home))?.now;
    expect(poolOf(now, "gpu")).toEqual({ name: "gpu", nodes: 20, mayBeAway: 2, away: 1, awayDomains: 1 });
    expect(now?.quorums.map(({ name }) => name)).not.toContain("the control plane of x");

    const tried = {
      ...wide,
      poolLabels: ["team"],
      failureDomainLabels: ["zone"],
      controlPlaneLabels: ["tier=control"],
    };
    const room = await previewLimits(admin, { trustDomainId: world.home, limits: tried });
    expect(poolOf(room, "left")).toMatchObject({ nodes: 10, mayBeAway: 4, away: 1 });
    expect(poolOf(room, "right")).toMatchObject({ nodes: 10, away: 0 });
    expect(room.quorums).toContainEqual({
      ...{ name: "the control plane of x", members: 3, away: 0, majority: 2, oneMore: true },
    });
    expect((await shown(admin, world.home))?.version).toBe(0);
    const { ctx } = await world.person("analyst");
    const elsewhere = await seeing("analyst", [world.away]);
    expect(await refusalOf(previewLimits(elsewhere, { trustDomainId: world.home, limits: tried }))).toBe(
      "domain/not-found",
    );

    const asked = async (count: number) => {
      const body = {
        action: "quarantine",
        targets: { nodeIds: ids.slice(1, 1 + count) },
        params: {},
      } as const;
      const { checks } = await previewRemediation(ctx, body, world.tools);
      return checks.find(({ rule, about }) => rule === "pool_share" && about === "gpu")?.ok;
    };
    expect([await asked(1), await asked(2)]).toEqual([true, false]);
    await set(admin, world.home);
    expect([await asked(2), await asked(7), await asked(8)]).toEqual([true, true, false]);
  });
});
