import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { appUser, auditEntry, roleGrantPast } from "#db/schema/people";
import { addGroupRole, removeGroupRole } from "#lib/services/access/group-roles";
import { useDatabase } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { MINUTE, makeWorld, NOW, type World } from "#tests/world";
import { createUser } from "./create.ts";
import { sessionActor } from "./session.ts";
import { signIn } from "./sign-in.ts";
import { type FederatedSignIn, signInFederated } from "./sign-in-oidc.ts";

const { pool } = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(pool);
  const admin = world.as("admin", [world.home, world.away]);
  await addGroupRole(admin, { trustDomainId: world.away, group: "ops", role: "analyst" });
  await addGroupRole(admin, { trustDomainId: world.home, group: "readers", role: "viewer" });
});

const arrive = (subject: string, groups: string[], more: Partial<FederatedSignIn> = {}) =>
  signInFederated(world.db, {
    issuer: "https://id.example.org",
    subject,
    email: `${subject}@example.org`,
    groups,
    authenticatedAt: NOW,
    address: null,
    userAgent: null,
    requestId: "r",
    now: NOW,
    ...more,
  });
async function actorAfter(...args: Parameters<typeof arrive>) {
  const result = await arrive(...args);
  if (!result.ok) throw new Error(result.code);
  return { sid: result.sid, actor: await sessionActor(world.db, result.sid, NOW) };
}

describe("someone of an identity provider", () => {
  it("holds what their groups give, where they give it", async () => {
    expect((await actorAfter("ana", ["ops", "readers", "unknown"])).actor).toMatchObject({
      role: "analyst",
      grants: [
        { role: "analyst", trustDomainIds: [world.away] },
        { role: "viewer", trustDomainIds: [world.home, world.away] },
      ],
    });
  });

  it("is refused without a role, which is on the record, and gets no session", async () => {
    expect(await arrive("bob", ["unknown"])).toMatchObject({ ok: false, code: "user/no-role" });
    const refused = await world.db
      .select()
      .from(auditEntry)
      .where(eq(auditEntry.problemCode, "user/no-role"));
    expect(refused).toMatchObject([{ outcome: "refused", action: "session.create" }]);
  });

  it("is not the local account with the same e-mail, and not the same subject of another issuer", async () => {
    const body = { email: "cat@example.org", role: "admin", password: "correct horse battery" } as const;
    const { user } = await createUser(world.as("admin"), body);
    const { actor } = await actorAfter("cat", ["readers"]);
    expect(actor).toMatchObject({ role: "viewer", email: "cat@example.org" });
    expect(actor?.id).not.toBe(user.id);
    const other = await actorAfter("cat", ["readers"], { issuer: "https://other.example.org" });
    expect(other.actor?.id).not.toBe(actor?.id);
    const local = { email: body.email, password: body.password, address: null, userAgent: null };
    expect(await signIn(world.db, testSealer(), { ...local, requestId: "r", now: NOW })).toMatchObject({
      ok: true,
      userId: user.id,
    });
  });

  it("stays the same person under another e-mail", async () => {
    const before = await actorAfter("dee", ["readers"]);
    const after = await actorAfter("dee", ["readers"], { email: "married@example.org" });
    expect(after.actor).toMatchObject({ id: before.actor?.id, email: "married@example.org" });
  });

  it("loses what a group no longer gives, with every session that had it", async () => {
    const { sid } = await actorAfter("eve", ["ops", "readers"]);
    const { actor } = await actorAfter("eve", ["readers"]);
    expect(actor).toMatchObject({ role: "viewer" });
    expect(await sessionActor(world.db, sid, NOW)).toBeNull();
    const rule = { trustDomainId: world.home, group: "readers", role: "viewer" } as const;
    await removeGroupRole(world.as("admin"), rule);
    expect(await arrive("eve", ["readers"])).toMatchObject({ ok: false, code: "user/no-role" });
    await addGroupRole(world.as("admin"), rule);
  });

  it("leaves on record until when a group gave what it no longer gives", async () => {
    const given = await actorAfter("hal", ["ops", "readers"]);
    const later = new Date(NOW.getTime() + MINUTE);
    await arrive("hal", ["readers"], { now: later });
    const userId = given.actor?.id ?? "";
    const past = await world.db.select().from(roleGrantPast).where(eq(roleGrantPast.userId, userId));
    expect(past).toMatchObject([{ role: "analyst", origin: "oidc", createdAt: NOW, endedAt: later }]);
  });

  it("is as fresh as the provider says, never from the future, and not at all when it says nothing", async () => {
    const freshAt = async (authenticatedAt: Date | null) =>
      (await actorAfter("fay", ["readers"], { authenticatedAt })).actor?.authenticatedAtMs;
    const earlier = new Date(NOW.getTime() - 30 * MINUTE);
    expect(await freshAt(earlier)).toBe(earlier.getTime());
    expect(await freshAt(null)).toBe(0);
    expect(await freshAt(new Date(NOW.getTime() + MINUTE))).toBe(0);
  });

  it("cannot sign in with a password, and is refused once disabled", async () => {
    await actorAfter("gus", ["readers"]);
    const how = { address: null, userAgent: null, requestId: "r", now: NOW };
    expect(
      await signIn(world.db, testSealer(), { email: "gus@example.org", password: "x", ...how }),
    ).toMatchObject({ ok: false });
    await world.db.update(appUser).set({ disabledAt: NOW }).where(eq(appUser.subject, "gus"));
    expect(await arrive("gus", ["readers"])).toMatchObject({ ok: false, code: "auth/locked" });
  });
});
