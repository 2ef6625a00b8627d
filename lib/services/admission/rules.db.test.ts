import { beforeEach, describe, expect, it } from "vitest";
import { auditEntry } from "#db/schema/people";
import { type AdmissionRule, DEFAULT_ADMISSION_RULE } from "#lib/domain/admission";
import type { ServiceContext } from "#lib/services/context";
import { createUser } from "#lib/services/user/create";
import { useDatabase, whileLocked } from "#tests/pg";
import { makeWorld, refusalOf, type World } from "#tests/world";
import { gate } from "./gate.ts";
import { admissionRules } from "./rules.ts";
import { setAdmissionRule } from "./set-rule.ts";

const { pool } = useDatabase();
let world: World;
let admin: ServiceContext;
beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  world = await makeWorld(pool);
  const maker = world.as("admin", [world.home, world.away]);
  const { user } = await createUser(maker, {
    email: "o@example.org",
    role: "admin",
    password: "four plain words",
  });
  admin = { ...maker, actor: { ...maker.actor, id: user.id } };
});

const open: AdmissionRule = { ...DEFAULT_ADMISSION_RULE, outage: "open" };
const set = (ctx: ServiceContext, trustDomainId: string, version = 0, rule = open) =>
  setAdmissionRule(ctx, { trustDomainId, version, rule, reason: "Because the test asks for it" });
const shown = async (ctx: ServiceContext, trustDomainId: string) =>
  (await admissionRules(ctx)).domains.find((domain) => domain.trustDomainId === trustDomainId);

describe("the rule of a trust domain", () => {
  it("is the built-in one, then its own, and holds below it unless a domain there has one", async () => {
    expect(await shown(admin, world.home)).toMatchObject({ version: 0, origin: "built_in", reason: null });
    await set(admin, world.home);
    expect(await shown(admin, world.home)).toMatchObject({
      ...{ version: 1, origin: "own", rule: { outage: "open" } },
      changedBy: "o@example.org",
    });
    expect(await shown(admin, world.away)).toMatchObject({
      version: 0,
      origin: "inherited",
      rule: { outage: "open" },
    });
    await set(admin, world.away, 0, DEFAULT_ADMISSION_RULE);
    expect(await shown(admin, world.away)).toMatchObject({ origin: "own", rule: { outage: "closed" } });
  });

  it("that is inherited shows also to who does not see where it was set, and nothing else of there does", async () => {
    await set(admin, world.home);
    const { domains } = await admissionRules(world.as("viewer", [world.away]));
    expect(domains).toHaveLength(1);
    expect(domains[0]).toMatchObject({
      ...{ trustDomainId: world.away, origin: "inherited", reason: null, changedBy: null },
      rule: { outage: "open" },
    });
  });

  it("is not overwritten by who looked at another version, also when both save at once", async () => {
    const results = await whileLocked(pool, "trust_domain", "id = $1", [world.home], { blocked: 2 }, () => [
      set(admin, world.home),
      set(admin, world.home, 0, { ...open, maxStateAgeMs: 60_000 }),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await refusalOf(set(admin, world.home))).toBe("admission/moved");
    expect((await shown(admin, world.home))?.version).toBe(1);
  });

  it("is set with a change, within bounds, by administrators of that domain alone", async () => {
    await set(admin, world.home);
    expect(await refusalOf(set(admin, world.home, 1))).toBe("admission/unchanged");
    for (const rule of [
      { ...open, maxStateAgeMs: 4_999 },
      { ...open, maxStateAgeMs: 3_600_001 },
      { ...open, work: { ...open.work, maxEvidenceAgeMs: 59_999 } },
      { ...open, more: 1 },
    ])
      expect(await refusalOf(set(admin, world.home, 1, rule))).toBe("request/invalid");
    for (const role of ["viewer", "auditor", "analyst", "approver"] as const)
      expect(await refusalOf(set(world.as(role), world.home, 1)), role).toBe("auth/forbidden");
    expect(await refusalOf(set(world.as("admin", [world.away]), world.home, 1))).toBe("domain/not-found");
    const trail = await world.db.select().from(auditEntry);
    expect(
      trail.filter(({ action, outcome }) => action === "admission.set" && outcome === "done"),
    ).toMatchObject([
      { entityId: world.home, before: null, after: { version: 1, rule: { outage: "open" } } },
    ]);
  });
});

describe("what would happen now", () => {
  it("counts every node of the domain once for each purpose", async () => {
    await world.addNode({ name: "good" });
    await world.addNode({ name: "exempt", status: "exempt" });
    await world.addNode({ name: "failed", status: "failed" });
    await world.addNode({ name: "elsewhere", domain: world.away });
    expect(await shown(admin, world.home)).toMatchObject({
      nodes: 3,
      now: { join: { allow: 1, warn: 2, deny: 0 }, work: { allow: 1, warn: 1, deny: 1 } },
    });
    expect((await shown(world.as("viewer"), world.home))?.nodes).toBe(3);
  });
});

describe("the gate", () => {
  it("judges by what is required, shows only what the caller sees, and takes old evidence only so far", async () => {
    await world.addNode({ name: "good" });
    await world.addNode({ name: "failed", status: "failed" });
    await world.addNode({ name: "elsewhere", domain: world.away });
    const decisions = async (query: Parameters<typeof gate>[1], ctx = world.as("viewer")) =>
      Object.fromEntries((await gate(ctx, query)).items.map(({ name, decision }) => [name, decision]));
    expect(await decisions({})).toEqual({ good: "allow", failed: "deny" });
    expect(await decisions({ require: "not_quarantined" })).toEqual({ good: "allow", failed: "warn" });
    expect(await decisions({ q: "good", maxAgeSeconds: 60 })).toEqual({ good: "allow" });
    await pool.query("UPDATE lane SET last_at = last_at - interval '1 second'");
    expect(await decisions({ q: "good", maxAgeSeconds: 60 })).toEqual({ good: "deny" });
    expect(await decisions({ q: "good", maxAgeSeconds: 120 })).toEqual({ good: "allow" });
  });
});
