import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { accessConfirmation, auditEntry, roleGrant, roleGrantPast } from "#db/schema/people";
import { createUser } from "#lib/services/user/create";
import { type AccessPerson, type AccessWorld, useAnaAndBen } from "#tests/access-world";
import { useDatabase, whileLocked } from "#tests/pg";
import { refusalOf } from "#tests/world";
import { confirmRole } from "./confirm-role.ts";
import { grantRole } from "./grant-role.ts";
import { revokeRole } from "./revoke-role.ts";
import { strongRoles } from "./strong-roles.ts";

const { pool } = useDatabase();
let world: AccessWorld;
let ana: AccessPerson;
let ben: AccessPerson;
useAnaAndBen(pool, (...told) => {
  [world, ana, ben] = told;
});

const key = (who: AccessPerson, role: "admin" | "approver", trustDomainId = world.home) => ({
  ...{ userId: who.id, trustDomainId, role },
});
const confirm = (by: AccessPerson, of: AccessPerson, role: "admin" | "approver", note?: string) =>
  confirmRole(by.ctx, { ...key(of, role), ...(note !== undefined && { note }) });
const dueDays = async (by: AccessPerson) =>
  (await strongRoles(by.ctx)).items.map(({ email, dueAt }) => [email, dueAt]);

describe("confirming a strong role", () => {
  it("keeps which grant, who, when and why, and goes on record with it", async () => {
    world.at(10);
    await confirm(ana, ben, "approver", " on call ");
    expect(await world.db.select().from(accessConfirmation)).toMatchObject([
      {
        ...key(ben, "approver"),
        givenAt: world.day(0),
        confirmedBy: ana.id,
        at: world.day(10),
        note: "on call",
      },
    ]);
    const trail = await world.db.select().from(auditEntry).where(eq(auditEntry.action, "role.confirm"));
    expect(trail).toMatchObject([
      {
        ...{ outcome: "done", entity: "user", entityId: ben.id, actorId: ana.id, at: world.day(10) },
        after: { role: "approver", givenAt: world.iso(0), note: "on call" },
      },
    ]);
  });

  it("is refused for a role of one's own, also with another account of the same mailbox", async () => {
    expect(await refusalOf(confirm(ana, ana, "admin"))).toBe("user/confirm-own");
    const other = await world.person("approver", { email: "Ana+night@example.test" });
    expect(await refusalOf(confirm(ana, other, "approver"))).toBe("user/confirm-own");
    expect(await world.db.$count(accessConfirmation)).toBe(0);
    const trail = await world.db.select().from(auditEntry).where(eq(auditEntry.action, "role.confirm"));
    expect(trail.map(({ problemCode }) => problemCode)).toEqual(["user/confirm-own", "user/confirm-own"]);
  });

  it("cannot be written for oneself by any way into the database", async () => {
    const row = { ...key(ana, "admin"), id: ana.id, givenAt: world.day(0), at: world.day(1), note: "" };
    await expect(
      world.db.insert(accessConfirmation).values({ ...row, confirmedBy: ana.id }),
    ).rejects.toThrow();
  });

  it("is for administrators of that domain: hidden above, forbidden to others", async () => {
    const below = await world.person("admin", { domain: world.away });
    expect(await refusalOf(confirm(below, ben, "approver"))).toBe("user/grant-not-found");
    expect(await refusalOf(confirm(ben, ana, "admin"))).toBe("auth/forbidden");
    // Even where the second wall is open to everything.
    const unwalled = { ...below.ctx, db: world.db };
    expect(await refusalOf(confirmRole(unwalled, key(ben, "approver")))).toBe("user/grant-not-found");
    expect(await world.db.$count(accessConfirmation)).toBe(0);
  });

  it("is of strong roles only, and of those that are held", async () => {
    const cat = await world.person("analyst");
    const weak = { userId: cat.id, trustDomainId: world.home, role: "analyst" as const };
    expect(await refusalOf(confirmRole(ana.ctx, weak))).toBe("request/invalid");
    expect(await refusalOf(confirm(ana, cat, "approver"))).toBe("user/grant-not-found");
    await grantRole(ana.ctx, { ...key(cat, "approver"), expiresInDays: 5 });
    world.at(5);
    expect(await refusalOf(confirm(ana, cat, "approver"))).toBe("user/grant-not-found");
  });

  it("does not outrun somebody who takes the role away", async () => {
    const [taken, confirmed] = await whileLocked(
      pool,
      "role_grant",
      "user_id = $1",
      [ben.id],
      { blocked: 2 },
      () => [
        pool.query("DELETE FROM role_grant WHERE user_id = $1", [ben.id]).then(() => undefined),
        confirm(ana, ben, "approver"),
      ],
    );
    // Whichever came first: there is no confirmation of what was not held.
    expect(taken?.status).toBe("fulfilled");
    const kept = await world.db.$count(accessConfirmation);
    expect(kept).toBe(confirmed?.status === "fulfilled" ? 1 : 0);
  });

  it("stays as it was written", async () => {
    await confirm(ana, ben, "approver");
    for (const change of [
      "UPDATE access_confirmation SET note = 'x'",
      "DELETE FROM access_confirmation",
      "DELETE FROM role_grant_past",
    ])
      await expect(ana.ctx.db.execute(change)).rejects.toThrow();
  });
});

describe("the list of strong roles", () => {
  it("has what is due first, with who confirmed it last", async () => {
    world.at(20);
    await confirm(ana, ben, "approver", "first");
    world.at(30);
    await confirm(ana, ben, "approver", "second");
    world.at(90);
    expect((await strongRoles(ana.ctx)).items).toMatchObject([
      { email: ana.email, dueAt: world.iso(90), due: true, own: true, confirmed: null, ownGift: false },
      {
        ...{ email: ben.email, role: "approver", dueAt: world.iso(120), due: false, own: false },
        confirmed: { at: world.iso(30), by: ana.email, note: "second" },
      },
    ]);
  });

  it("leaves out weak roles, those that have run out, and those of domains above", async () => {
    await world.person("analyst");
    const dan = await world.person("viewer", { domain: world.away });
    await grantRole(ana.ctx, { ...key(dan, "approver", world.away), expiresInDays: 5 });
    const below = await world.person("admin", { domain: world.away });
    expect(await dueDays(below)).toEqual([
      [below.email, world.iso(90)],
      [dan.email, world.iso(90)],
    ]);
    world.at(5);
    expect((await dueDays(below)).map(([email]) => email)).toEqual([below.email]);
    expect(await refusalOf(strongRoles(ben.ctx))).toBe("auth/forbidden");
  });

  it("has what somebody gave to themselves as due at once", async () => {
    world.at(1);
    await grantRole(ana.ctx, key(ana, "approver"));
    const { items } = await strongRoles(ana.ctx);
    expect(items[0]).toMatchObject({ role: "approver", ownGift: true, due: true, dueAt: world.iso(1) });
  });

  it("has what somebody gave to a new account of theirs as due at once, and as theirs", async () => {
    const made = (email: string) =>
      createUser(ana.ctx, { email, role: "admin", password: "four plain words" });
    await made("ana+second@example.test");
    await made("anabel@example.test");
    expect((await strongRoles(ana.ctx)).items).toMatchObject([
      { email: "ana+second@example.test", ownGift: true, due: true, own: true },
      { email: "ana@example.test" },
      { email: "anabel@example.test", ownGift: false, due: false, own: false },
      { email: "ben@example.test" },
    ]);
  });
});

describe("the history of grants", () => {
  const past = () => world.db.select().from(roleGrantPast);

  it("keeps what was taken away, with its end", async () => {
    world.at(10);
    await revokeRole(ana.ctx, key(ben, "approver"));
    expect(await past()).toMatchObject([
      { ...key(ben, "approver"), origin: "local", createdAt: world.day(0), endedAt: world.day(10) },
    ]);
  });

  it("does not make a role younger by giving it again, with which a confirmation would be spared", async () => {
    world.at(10);
    await confirm(ana, ben, "approver");
    world.at(80);
    await grantRole(ana.ctx, { ...key(ben, "approver"), expiresInDays: 30 });
    expect((await strongRoles(ana.ctx)).items.find(({ userId }) => userId === ben.id)).toMatchObject({
      ...{ givenAt: world.iso(0), dueAt: world.iso(100), expiresAt: world.iso(110) },
    });
    expect(await past()).toEqual([]);
  });

  it("has a role that had run out with the end that it had, when it is given again", async () => {
    await grantRole(ana.ctx, { ...key(ben, "approver"), expiresInDays: 5 });
    world.at(20);
    await world.db.insert(roleGrant).values({
      ...{ userId: ben.id, trustDomainId: world.away, role: "viewer", createdAt: world.day(0) },
    });
    await grantRole(ana.ctx, key(ben, "approver"));
    expect(await past()).toMatchObject([{ createdAt: world.day(0), endedAt: world.day(5) }]);
    expect((await strongRoles(ana.ctx)).items.find(({ userId }) => userId === ben.id)).toMatchObject({
      ...{ givenAt: world.iso(20), confirmed: null },
    });
  });
});
