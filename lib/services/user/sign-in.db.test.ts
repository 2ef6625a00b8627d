import { and, eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { userByEmail } from "#db/queries/user";
import { appUser, auditEntry, roleGrant, session } from "#db/schema/people";
import { changePassword } from "#lib/services/account/change-password";
import { useDatabase } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { MINUTE, makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { createUser } from "./create.ts";
import { ensureAdmin } from "./ensure-admin.ts";
import { sessionActor, sessionCounts, signOut } from "./session.ts";
import { GUESSES_MAX, LOCK_MS, SESSION_IDLE_MS, SESSION_MAX_MS, signIn } from "./sign-in.ts";

const { pool } = useDatabase();
const sealer = testSealer();
let world: World;
beforeAll(async () => {
  world = await makeWorld(pool);
});

const after = (ms: number) => new Date(NOW.getTime() + ms);
const PASSWORD = "correct horse battery";
async function person(email: string, role: "viewer" | "admin" = "viewer") {
  const { user } = await createUser(world.as("admin"), { email, role, password: PASSWORD });
  return user;
}
const attempt = (email: string, password = PASSWORD, now = NOW) =>
  signIn(world.db, sealer, { email, password, address: "10.0.0.1", userAgent: "test", requestId: "r", now });
async function sidOf(email: string, now = NOW): Promise<string> {
  const result = await attempt(email, PASSWORD, now);
  if (!result.ok) throw new Error(result.code);
  return result.sid;
}

describe("sign-in", () => {
  it("opens a session whose id is stored only as a digest, and records it", async () => {
    const user = await person("ana@example.org");
    const sid = await sidOf("ANA@example.org ");
    const rows = await world.db.select().from(session).where(eq(session.userId, user.id));
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(sid);
    const entry = and(eq(auditEntry.actorId, user.id), eq(auditEntry.action, "session.create"));
    expect(await world.db.select().from(auditEntry).where(entry)).toMatchObject([
      { outcome: "done", address: "10.0.0.1" },
    ]);
  });

  it("refuses and records a wrong password and an unknown e-mail, without keeping what was typed", async () => {
    await person("bob@example.org");
    expect(await attempt("bob@example.org", "wrong")).toEqual({ ok: false, code: "user/wrong-password" });
    expect(await attempt("my secret@typed.here", "x")).toEqual({ ok: false, code: "user/wrong-password" });
    const refused = await world.db.select().from(auditEntry).where(eq(auditEntry.outcome, "refused"));
    expect(refused.map((entry) => entry.entityId)).toContain("unknown");
    expect(JSON.stringify(refused)).not.toContain("typed.here");
  });

  it("locks after ten wrong guesses, also for the right password, until the time is over", async () => {
    await person("cat@example.org");
    for (let guess = 0; guess < GUESSES_MAX; guess += 1) await attempt("cat@example.org", "wrong");
    expect(await attempt("cat@example.org")).toEqual({ ok: false, code: "auth/locked" });
    expect(await attempt("cat@example.org", PASSWORD, after(LOCK_MS - 1))).toMatchObject({ ok: false });
    expect(await attempt("cat@example.org", PASSWORD, after(LOCK_MS))).toMatchObject({ ok: true });
    expect(await userByEmail(world.db, "cat@example.org")).toMatchObject({
      failedSignIns: 0,
      lockedUntil: null,
    });
  });

  it("counts guesses that are made side by side", async () => {
    await person("dee@example.org");
    const guesses = Array.from({ length: GUESSES_MAX + 5 }, () => attempt("dee@example.org", "wrong"));
    const codes = (await Promise.all(guesses)).map((result) => (result.ok ? "ok" : result.code));
    expect(codes.filter((code) => code === "user/wrong-password")).toHaveLength(GUESSES_MAX);
    expect(codes.filter((code) => code === "auth/locked")).toHaveLength(5);
  });

  it("refuses a disabled user", async () => {
    const { id } = await person("eve@example.org");
    const sid = await sidOf("eve@example.org");
    await world.db.update(appUser).set({ disabledAt: NOW }).where(eq(appUser.id, id));
    expect(await attempt("eve@example.org")).toEqual({ ok: false, code: "user/wrong-password" });
    expect(await sessionActor(world.db, sid, NOW)).toBeNull();
  });
});

describe("sessions", () => {
  it("are over when revoked, and the revocation is recorded once", async () => {
    const { id } = await person("fay@example.org");
    const sid = await sidOf("fay@example.org");
    const actor = await sessionActor(world.db, sid, NOW);
    expect(actor).toMatchObject({ id, role: "viewer", mustChangePassword: true });
    const how = { now: NOW, requestId: "r", address: null };
    await signOut(world.db, sid, how);
    await signOut(world.db, sid, how);
    expect(await sessionActor(world.db, sid, NOW)).toBeNull();
    expect(await sessionCounts(world.db, actor?.sessionId ?? "", NOW)).toBe(false);
    const entry = and(eq(auditEntry.actorId, id), eq(auditEntry.action, "session.revoke"));
    expect(await world.db.$count(auditEntry, entry)).toBe(1);
  });

  it("end when idle for half an hour, and go on with each use", async () => {
    await person("gus@example.org");
    const sid = await sidOf("gus@example.org");
    expect(await sessionActor(world.db, sid, after(SESSION_IDLE_MS - 1))).not.toBeNull();
    expect(await sessionActor(world.db, sid, after(2 * SESSION_IDLE_MS - 2))).not.toBeNull();
    expect(await sessionActor(world.db, sid, after(3 * SESSION_IDLE_MS - 2))).toBeNull();
  });

  it("end after twelve hours however much they are used", async () => {
    await person("hal@example.org");
    const sid = await sidOf("hal@example.org");
    for (let ms = 0; ms < SESSION_MAX_MS; ms += SESSION_IDLE_MS - MINUTE) {
      expect(await sessionActor(world.db, sid, after(ms))).not.toBeNull();
    }
    expect(await sessionActor(world.db, sid, after(SESSION_MAX_MS))).toBeNull();
  });

  it("follow a changed role at once, and see what lies below each grant, each role where it was granted", async () => {
    const { id } = await person("ida@example.org");
    const sid = await sidOf("ida@example.org");
    expect(await sessionActor(world.db, sid, NOW)).toMatchObject({
      trustDomainIds: [world.home, world.away],
    });
    await world.db
      .insert(roleGrant)
      .values({ userId: id, trustDomainId: world.away, role: "admin", createdAt: NOW });
    expect(await sessionActor(world.db, sid, NOW)).toMatchObject({
      role: "admin",
      grants: [
        { role: "admin", trustDomainIds: [world.away] },
        { role: "viewer", trustDomainIds: [world.home, world.away] },
      ],
    });
    await world.db.delete(roleGrant).where(eq(roleGrant.userId, id));
    expect(await sessionActor(world.db, sid, NOW)).toBeNull();
  });

  it("lose a grant the moment it ends, and are over with the last one", async () => {
    const { id } = await person("ivo@example.org");
    const sid = await sidOf("ivo@example.org");
    await world.db
      .update(roleGrant)
      .set({ expiresAt: after(MINUTE) })
      .where(eq(roleGrant.userId, id));
    expect(await sessionActor(world.db, sid, after(MINUTE - 1))).not.toBeNull();
    expect(await sessionActor(world.db, sid, after(MINUTE))).toBeNull();
  });

  it("of the same person end when the password is changed, but for the one that changed it", async () => {
    const { id } = await person("jan@example.org");
    const [mine, other] = [await sidOf("jan@example.org"), await sidOf("jan@example.org")];
    const actor = await sessionActor(world.db, mine, NOW);
    if (!actor) throw new Error("no session");
    const ctx = { ...world.as("viewer"), actor };
    const change = (currentPassword: string, newPassword: string) =>
      refusalOf(changePassword(ctx, { currentPassword, newPassword }));
    expect(await change("wrong", "another password")).toBe("user/wrong-password");
    expect(await change(PASSWORD, PASSWORD)).toBe("request/invalid");
    expect(await change(PASSWORD, "short")).toBe("request/invalid");
    expect(await change(PASSWORD, "another password")).toBe("not refused");
    expect(await sessionActor(world.db, other, NOW)).toBeNull();
    expect(await sessionActor(world.db, mine, NOW)).toMatchObject({ mustChangePassword: false });
    expect(await attempt("jan@example.org")).toMatchObject({ ok: false });
    const trail = await world.db.select().from(auditEntry).where(eq(auditEntry.actorId, id));
    expect(trail.map((entry) => entry.problemCode)).toContain("user/wrong-password");
    expect(JSON.stringify(trail)).not.toContain("another password");
  });
});

describe("the first administrator", () => {
  it("is not made when there is a user", async () => {
    await person("kim@example.org");
    expect(await ensureAdmin(world.db, { now: NOW })).toMatchObject({
      created: false,
      oneTimePassword: null,
    });
  });

  it("is made once, however many processes start at the same time", async () => {
    await pool.query("TRUNCATE app_user, role_grant, session CASCADE");
    const made = await Promise.all(
      [1, 2, 3].map(() => ensureAdmin(world.db, { email: "Root@example.org", now: NOW })),
    );
    expect(made.filter(({ created }) => created)).toHaveLength(1);
    const password = made.find(({ created }) => created)?.oneTimePassword ?? "";
    const result = await attempt("root@example.org", password);
    expect(result).toMatchObject({ ok: true });
    const actor = result.ok ? await sessionActor(world.db, result.sid, NOW) : null;
    expect(actor).toMatchObject({
      role: "admin",
      mustChangePassword: true,
      trustDomainIds: [world.home, world.away],
    });
  });
});

describe("users", () => {
  it("are made by administrators only, once per e-mail", async () => {
    const body = { email: "Lea@Example.org", role: "viewer" } as const;
    expect(await refusalOf(createUser(world.as("approver"), body))).toBe("auth/forbidden");
    const made = await createUser(world.as("admin"), body);
    expect(made.user.email).toBe("lea@example.org");
    expect(await attempt("lea@example.org", made.oneTimePassword ?? "")).toMatchObject({ ok: true });
    expect(await refusalOf(createUser(world.as("admin"), body))).toBe("user/email-taken");
    const trail = await world.db.select().from(auditEntry).where(eq(auditEntry.entityId, made.user.id));
    expect(JSON.stringify(trail)).not.toContain(made.oneTimePassword);
  });
});
