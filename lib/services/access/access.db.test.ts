import { and, eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { peopleHolding } from "#db/queries/remediation-people";
import { auditEntry, roleGrant } from "#db/schema/people";
import { scopedDb } from "#db/scoped";
import { type Actor, INVITE_MAX_MS, type Role } from "#lib/domain/access";
import { holderNow } from "#lib/services/change-request/person";
import type { ServiceContext } from "#lib/services/context";
import { createTrustDomain } from "#lib/services/trust-domain/create";
import { trustDomainList } from "#lib/services/trust-domain/list";
import { renameTrustDomain } from "#lib/services/trust-domain/rename";
import { createUser } from "#lib/services/user/create";
import { sessionActor } from "#lib/services/user/session";
import { signIn } from "#lib/services/user/sign-in";
import { uuidv7 } from "#lib/services/uuidv7";
import { useDatabase, whileLocked } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { grantRole } from "./grant-role.ts";
import { addGroupRole, groupRoles, removeGroupRole } from "./group-roles.ts";
import { peopleList } from "./people.ts";
import { revokeRole } from "./revoke-role.ts";
import { revokeSession } from "./revoke-session.ts";
import { ownSessions, sessionsOfPeople } from "./sessions.ts";

const { pool } = useDatabase();
const sealer = testSealer();
const PASSWORD = "correct horse battery";
let world: World;
let root: ServiceContext;
let sub: ServiceContext;
beforeAll(async () => {
  world = await makeWorld(pool);
  root = world.as("admin", [world.home, world.away]);
  sub = world.as("admin", [world.away]);
});

let people = 0;
async function person(role: Role, trustDomainId = world.home) {
  people += 1;
  const email = `p${people}@example.org`;
  const { user } = await createUser(root, { email, role, password: PASSWORD, trustDomainId });
  return { id: user.id, email };
}
async function signedIn({ email }: { email: string }) {
  const how = { address: null, userAgent: "Browser", requestId: "r", now: NOW };
  const result = await signIn(world.db, sealer, { email, password: PASSWORD, ...how });
  if (!result.ok) throw new Error(result.code);
  const actor = await sessionActor(world.db, result.sid, NOW);
  if (!actor) throw new Error("no session");
  return { sid: result.sid, ctx: contextOf(actor) };
}
const contextOf = (actor: Actor): ServiceContext => ({
  ...root,
  actor,
  db: scopedDb(pool, actor.trustDomainIds),
});
const grantOf = async (userId: string, role: Role) =>
  (
    await world.db
      .select()
      .from(roleGrant)
      .where(and(eq(roleGrant.userId, userId), eq(roleGrant.role, role)))
  )[0];

describe("giving a role", () => {
  it("counts at once, ends the person's sessions and is on the record", async () => {
    const ana = await person("viewer");
    const { sid } = await signedIn(ana);
    await grantRole(root, { userId: ana.id, trustDomainId: world.away, role: "analyst" });
    expect(await sessionActor(world.db, sid, NOW)).toBeNull();
    const { ctx } = await signedIn(ana);
    expect(ctx.actor).toMatchObject({
      role: "analyst",
      grants: [
        { role: "analyst", trustDomainIds: [world.away] },
        { role: "viewer", trustDomainIds: [world.home, world.away] },
      ],
    });
    const trail = await world.db.select().from(auditEntry).where(eq(auditEntry.action, "role.grant"));
    expect(trail).toContainEqual(expect.objectContaining({ entityId: ana.id, outcome: "done" }));
  });

  it("lets an auditor in for ninety days at most, and never without an end", async () => {
    const bob = await person("auditor");
    expect((await grantOf(bob.id, "auditor"))?.expiresAt?.getTime()).toBe(NOW.getTime() + INVITE_MAX_MS);
    const invite = (expiresInDays: number) =>
      refusalOf(
        grantRole(root, { userId: bob.id, trustDomainId: world.home, role: "auditor", expiresInDays }),
      );
    expect(await invite(91)).toBe("request/invalid");
    expect(await invite(1)).toBe("not refused");
    expect((await grantOf(bob.id, "auditor"))?.expiresAt?.getTime()).toBe(NOW.getTime() + 86_400_000);
  });

  it("is for administrators of that domain: hidden above, forbidden to others", async () => {
    const cat = await person("viewer");
    const give = (ctx: ServiceContext, trustDomainId: string) =>
      refusalOf(grantRole(ctx, { userId: cat.id, trustDomainId, role: "admin" }));
    expect(await give(sub, world.home)).toBe("domain/not-found");
    expect(await give(sub, world.away)).toBe("user/not-found");
    expect(await give(world.as("approver"), world.home)).toBe("auth/forbidden");
    expect(await grantOf(cat.id, "admin")).toBeUndefined();
  });

  it("of an administrator below cannot make one above, even with the name of the domain", async () => {
    const eve = await person("viewer", world.away);
    expect(
      await refusalOf(grantRole(sub, { userId: eve.id, trustDomainId: world.home, role: "admin" })),
    ).toBe("domain/not-found");
    const body = { email: "mallory@example.org", role: "admin", trustDomainId: world.home } as const;
    expect(await refusalOf(createUser(sub, body))).toBe("domain/not-found");
  });
});

const QUARTER = { from: "2026-01-01T00:00:00.000Z", to: "2026-04-01T00:00:00.000Z" };
const REVIEW = { fromMs: Date.parse(QUARTER.from), toMs: Date.parse(QUARTER.to) };

describe("a review of a period", () => {
  async function reviewer() {
    people += 1;
    const email = `p${people}@example.org`;
    const body = { email, role: "auditor", password: PASSWORD, review: QUARTER } as const;
    const { user } = await createUser(root, body);
    return { id: user.id, email };
  }
  const give = (userId: string, more: Partial<Parameters<typeof grantRole>[1]> = {}) =>
    grantRole(root, { userId, trustDomainId: world.away, role: "auditor", ...more });

  it("is what the person's sessions are kept to, and what the list of people and the record say", async () => {
    const rob = await reviewer();
    expect((await signedIn(rob)).ctx.actor).toMatchObject({ role: "auditor", review: REVIEW });
    await give(rob.id, { review: QUARTER });
    expect((await signedIn(rob)).ctx.actor).toMatchObject({ review: REVIEW });
    const [listed] = (await peopleList(root)).items.filter(({ id }) => id === rob.id);
    expect(listed?.grants.map(({ review }) => review)).toEqual([QUARTER, QUARTER]);
    const trail = await world.db.select().from(auditEntry).where(eq(auditEntry.entityId, rob.id));
    expect(trail.filter(({ action }) => action !== "session.create").map(({ after }) => after)).toEqual([
      expect.objectContaining({ review: QUARTER }),
      expect.objectContaining({ review: QUARTER }),
    ]);
  });

  it("stands beside no other role and no other period, whichever comes first", async () => {
    const rob = await reviewer();
    const later = { ...QUARTER, to: "2026-05-01T00:00:00.000Z" };
    expect(await refusalOf(give(rob.id))).toBe("user/review-alone");
    expect(await refusalOf(give(rob.id, { role: "viewer" }))).toBe("user/review-alone");
    expect(await refusalOf(give(rob.id, { review: later }))).toBe("user/review-alone");
    const vic = await person("viewer");
    expect(await refusalOf(give(vic.id, { review: QUARTER }))).toBe("user/review-alone");
    // The role itself may be given again, for another period or for any time.
    expect(await refusalOf(give(rob.id, { trustDomainId: world.home, review: later }))).toBe("not refused");
    expect(await refusalOf(give(rob.id, { trustDomainId: world.home }))).toBe("not refused");
    expect((await signedIn(rob)).ctx.actor).not.toHaveProperty("review");
  });

  it("does not count beside a role that somebody above gave, so that it opens nothing unseen", async () => {
    const rob = await reviewer();
    const [at] = [new Date(NOW.getTime() - 1)];
    await world.db.insert(roleGrant).values({
      ...{ userId: rob.id, trustDomainId: world.away, role: "viewer", createdAt: at },
    });
    const { actor } = (await signedIn(rob)).ctx;
    expect(actor).toMatchObject({ role: "viewer", trustDomainIds: [world.away] });
    expect(actor).not.toHaveProperty("review");
  });

  it("is asked nothing and told nothing: it is no role that anybody can count on", async () => {
    const rob = await reviewer();
    const holds = (id: string) =>
      world.db.transaction((tx) => holderNow(tx, id, world.home, "compliance:read", NOW));
    expect(await holds(rob.id)).toEqual({ email: rob.email, holds: false });
    const auditors = await peopleHolding(world.db, world.home, ["auditor"], NOW);
    expect(auditors.map(({ email }) => email)).not.toContain(rob.email);
    const ann = await person("auditor");
    expect(await holds(ann.id)).toEqual({ email: ann.email, holds: true });
    expect((await peopleHolding(world.db, world.home, ["auditor"], NOW)).map(({ email }) => email)).toContain(
      ann.email,
    );
  });

  it("is an auditor's, begins before it ends, and covers a year at most", async () => {
    const [review, long] = [QUARTER, { ...QUARTER, to: "2027-02-01T00:00:00.000Z" }];
    const email = "nobody@example.org";
    for (const body of [
      { email, role: "viewer", review },
      { email, role: "admin", review },
      { email, role: "auditor", review: { from: QUARTER.to, to: QUARTER.from } },
      { email, role: "auditor", review: long },
    ] as const) {
      const made = createUser(root, body);
      await expect(made).rejects.toMatchObject({ pointers: [{ pointer: "#/review" }] });
    }
  });
});

describe("taking a role away", () => {
  it("counts from the next request on", async () => {
    const dee = await person("approver");
    const { sid } = await signedIn(dee);
    await revokeRole(root, { userId: dee.id, trustDomainId: world.home, role: "approver" });
    expect(await sessionActor(world.db, sid, NOW)).toBeNull();
    const again = revokeRole(root, { userId: dee.id, trustDomainId: world.home, role: "approver" });
    expect(await refusalOf(again)).toBe("user/grant-not-found");
  });

  it("leaves one administrator of the root, also when two take it from each other", async () => {
    const [fay, gus] = [await person("admin"), await person("admin")];
    const take = ({ id }: { id: string }) =>
      revokeRole(root, { userId: id, trustDomainId: world.home, role: "admin" });
    const outcomes = await whileLocked(pool, "trust_domain", "id = $1", [world.home], { blocked: 2 }, () => [
      take(fay),
      take(gus),
    ]);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const last = (await grantOf(fay.id, "admin")) ? fay : gus;
    expect(await refusalOf(take(last))).toBe("user/last-admin");
  });

  it("is no way to go against the groups of the identity provider", async () => {
    const { id } = await person("viewer");
    await world.db.update(roleGrant).set({ origin: "oidc" }).where(eq(roleGrant.userId, id));
    const key = { userId: id, trustDomainId: world.home, role: "viewer" } as const;
    expect(await refusalOf(revokeRole(root, key))).toBe("user/grant-follows-groups");
    expect(await refusalOf(grantRole(root, key))).toBe("user/grant-follows-groups");
  });
});

describe("lists", () => {
  it("show people and sessions of the domains that the caller administers, and no others", async () => {
    const [here, there] = [await person("viewer"), await person("viewer", world.away)];
    await signedIn(here);
    await signedIn(there);
    const emails = (await peopleList(sub)).items.map(({ email }) => email);
    expect(emails).toContain(there.email);
    expect(emails).not.toContain(here.email);
    const sessions = (await sessionsOfPeople(sub)).items.map(({ email }) => email);
    expect(sessions).toContain(there.email);
    expect(sessions).not.toContain(here.email);
    expect(await refusalOf(peopleList(world.as("approver")))).toBe("auth/forbidden");
  });

  it("never tell a password digest", async () => {
    expect(JSON.stringify(await peopleList(root))).not.toContain("argon2");
  });
});

describe("ending a session", () => {
  const sessionIdOf = (ctx: ServiceContext) => (ctx.actor.kind === "user" ? ctx.actor.sessionId : "");

  it("works for one's own and for those of people whom one manages", async () => {
    const hal = await person("viewer", world.away);
    const [one, two] = [await signedIn(hal), await signedIn(hal)];
    expect((await ownSessions(one.ctx)).items.map(({ current }) => current).sort()).toEqual([false, true]);
    await revokeSession(one.ctx, { sessionId: sessionIdOf(two.ctx) });
    expect(await sessionActor(world.db, two.sid, NOW)).toBeNull();
    await revokeSession(sub, { sessionId: sessionIdOf(one.ctx) });
    expect(await sessionActor(world.db, one.sid, NOW)).toBeNull();
    const again = revokeSession(sub, { sessionId: sessionIdOf(one.ctx) });
    expect(await refusalOf(again)).toBe("session/not-found");
  });

  it("of anybody else is answered as if there were none", async () => {
    const ida = await person("viewer");
    const { sid, ctx } = await signedIn(ida);
    const { ctx: other } = await signedIn(await person("viewer"));
    for (const who of [other, sub]) {
      expect(await refusalOf(revokeSession(who, { sessionId: sessionIdOf(ctx) }))).toBe("session/not-found");
    }
    expect(await sessionActor(world.db, sid, NOW)).not.toBeNull();
  });
});

describe("trust domains", () => {
  it("are made below one that the caller administers, and listed as a tree", async () => {
    const { id } = await createTrustDomain(root, { parentId: world.away, name: "Lab 1" });
    const seen = contextOf({ ...root.actor, trustDomainIds: [world.home, world.away, id] } as Actor);
    expect((await trustDomainList(seen)).items.map(({ name, depth }) => [name, depth])).toEqual([
      ["home", 0],
      ["away", 1],
      ["Lab 1", 2],
    ]);
    expect((await trustDomainList(sub)).items).toMatchObject([{ name: "away", depth: 0, parentId: null }]);
  });

  it("have names of their own, also across what the caller cannot see", async () => {
    expect(await refusalOf(createTrustDomain(sub, { parentId: world.away, name: "home" }))).toBe(
      "domain/name-taken",
    );
    expect(await refusalOf(renameTrustDomain(sub, { trustDomainId: world.away, name: "home" }))).toBe(
      "domain/name-taken",
    );
  });

  it("cannot be made or renamed above the caller, nor by others than administrators", async () => {
    expect(await refusalOf(createTrustDomain(sub, { parentId: world.home, name: "x" }))).toBe(
      "domain/not-found",
    );
    expect(await refusalOf(renameTrustDomain(sub, { trustDomainId: world.home, name: "x" }))).toBe(
      "domain/not-found",
    );
    expect(
      await refusalOf(createTrustDomain(world.as("approver"), { parentId: world.home, name: "x" })),
    ).toBe("auth/forbidden");
  });
});

describe("roles of groups", () => {
  it("are given once, listed where they count, and taken away", async () => {
    const rule = { trustDomainId: world.away, group: "ops", role: "analyst" } as const;
    await addGroupRole(sub, rule);
    expect(await refusalOf(addGroupRole(sub, rule))).toBe("group-role/exists");
    expect((await groupRoles(sub, null)).items).toMatchObject([{ group: "ops", trustDomain: "away" }]);
    expect(await refusalOf(addGroupRole(sub, { ...rule, trustDomainId: world.home }))).toBe(
      "domain/not-found",
    );
    expect(await refusalOf(removeGroupRole(world.as("admin", [uuidv7(NOW)]), rule))).not.toBe("not refused");
    await removeGroupRole(sub, rule);
    expect(await refusalOf(removeGroupRole(sub, rule))).toBe("group-role/not-found");
  });
});
