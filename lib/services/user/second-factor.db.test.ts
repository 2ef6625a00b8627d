import { eq } from "drizzle-orm";
import { Secret, TOTP } from "otpauth";
import { beforeAll, describe, expect, it } from "vitest";
import { secondFactor, session } from "#db/schema/people";
import {
  beginSecondFactor,
  confirmSecondFactor,
  removeSecondFactor,
} from "#lib/services/account/second-factor";
import { stepUp } from "#lib/services/account/step-up";
import type { ServiceContext } from "#lib/services/context";
import { useDatabase } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { MINUTE, makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { createUser } from "./create.ts";
import { sessionActor } from "./session.ts";
import { GUESSES_MAX, signIn } from "./sign-in.ts";

const { pool } = useDatabase();
const sealer = testSealer();
const PASSWORD = "correct horse battery";
const STEP = 30_000;
let world: World;
beforeAll(async () => {
  world = await makeWorld(pool);
});

const at = (ms: number) => new Date(NOW.getTime() + ms);
const attempt = (email: string, code: string | undefined, now = NOW, password = PASSWORD) =>
  signIn(world.db, sealer, { email, password, code, address: null, userAgent: null, requestId: "r", now });
const codeAt = (secret: string, now: Date) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now.getTime() });

async function person(email: string) {
  await createUser(world.as("admin"), { email, role: "viewer", password: PASSWORD });
  const result = await attempt(email, undefined);
  if (!result.ok) throw new Error(result.code);
  const actor = await sessionActor(world.db, result.sid, NOW);
  if (!actor) throw new Error("no session");
  const ctx = (now: Date): ServiceContext => ({ ...world.as("viewer"), actor, now: () => now });
  return { id: actor.id, sid: result.sid, ctx };
}

/** A person whose authenticator knows a secret that was confirmed at `NOW`. */
async function withFactor(email: string) {
  const who = await person(email);
  const { secret } = await beginSecondFactor(sealer)(who.ctx(NOW), {});
  const { recoveryCodes } = await confirmSecondFactor(sealer)(who.ctx(NOW), { code: codeAt(secret, NOW) });
  return { ...who, secret, recoveryCodes };
}

describe("a second factor", () => {
  it("is wanted from the moment on in which an authenticator has shown that it knows the secret", async () => {
    const ana = await person("ana@example.org");
    const { secret, uri } = await beginSecondFactor(sealer)(ana.ctx(NOW), {});
    expect(uri).toContain("otpauth://totp/");
    expect(await attempt("ana@example.org", undefined)).toMatchObject({ ok: true });
    const confirm = (code: string) => refusalOf(confirmSecondFactor(sealer)(ana.ctx(NOW), { code }));
    const wrong = codeAt(secret, at(-20 * MINUTE));
    expect(await confirm(wrong)).toBe("auth/code-required");
    expect(await confirm(codeAt(secret, NOW))).toBe("not refused");
    expect(await attempt("ana@example.org", undefined)).toEqual({ ok: false, code: "auth/code-required" });
    expect(await attempt("ana@example.org", codeAt(secret, at(STEP)), at(STEP))).toMatchObject({ ok: true });
    expect(await refusalOf(beginSecondFactor(sealer)(ana.ctx(NOW), {}))).toBe("second-factor/wrong-state");
  });

  it("counts each code once, and none of long ago or of later", async () => {
    const { secret } = await withFactor("bob@example.org");
    const now = at(10 * STEP);
    const code = codeAt(secret, now);
    expect(await attempt("bob@example.org", code, now)).toMatchObject({ ok: true });
    expect(await attempt("bob@example.org", code, now)).toMatchObject({ ok: false });
    expect(await attempt("bob@example.org", codeAt(secret, at(9 * STEP)), now)).toMatchObject({ ok: false });
    expect(await attempt("bob@example.org", codeAt(secret, at(12 * STEP)), now)).toMatchObject({ ok: false });
    expect(await attempt("bob@example.org", codeAt(secret, at(11 * STEP)), now)).toMatchObject({ ok: true });
  });

  it("says nothing of itself to who does not know the password", async () => {
    await withFactor("cat@example.org");
    expect(await attempt("cat@example.org", undefined, NOW, "wrong password")).toEqual({
      ok: false,
      code: "user/wrong-password",
    });
  });

  it("locks like a password does when codes are tried", async () => {
    const { secret } = await withFactor("dee@example.org");
    for (let guess = 0; guess < GUESSES_MAX; guess += 1) await attempt("dee@example.org", "000000");
    const now = at(STEP);
    expect(await attempt("dee@example.org", codeAt(secret, now), now)).toEqual({
      ok: false,
      code: "auth/locked",
    });
  });

  it("can be replaced by each recovery code once", async () => {
    const { recoveryCodes, id } = await withFactor("eve@example.org");
    expect(new Set(recoveryCodes).size).toBe(10);
    const [code = ""] = recoveryCodes;
    expect(await attempt("eve@example.org", code.toUpperCase())).toMatchObject({ ok: true });
    expect(await attempt("eve@example.org", code)).toMatchObject({ ok: false });
    const [row] = await world.db.select().from(secondFactor).where(eq(secondFactor.userId, id));
    expect(JSON.stringify(row)).not.toContain(code);
  });

  it("is sealed for its person: moved to another one it opens nothing", async () => {
    const [fay, gus] = [await withFactor("fay@example.org"), await withFactor("gus@example.org")];
    await pool.query(
      "UPDATE second_factor SET secret_sealed = (SELECT secret_sealed FROM second_factor WHERE user_id = $1) WHERE user_id = $2",
      [fay.id, gus.id],
    );
    const now = at(STEP);
    await expect(attempt("gus@example.org", codeAt(fay.secret, now), now)).rejects.toThrow();
  });

  it("is gone after its removal, with its recovery codes", async () => {
    const hal = await withFactor("hal@example.org");
    await removeSecondFactor(hal.ctx(NOW), {});
    expect(await attempt("hal@example.org", undefined)).toMatchObject({ ok: true });
    expect(await refusalOf(removeSecondFactor(hal.ctx(NOW), {}))).toBe("second-factor/wrong-state");
  });
});

describe("proving once more who is there", () => {
  const authenticatedAt = async (id: string) =>
    (await world.db.select().from(session).where(eq(session.userId, id)))[0]?.authenticatedAt;

  it("makes the session fresh by password and code, and by nothing less", async () => {
    const ida = await withFactor("ida@example.org");
    const now = at(20 * MINUTE);
    const prove = (body: { password: string; code?: string }) =>
      refusalOf(stepUp(ida.ctx(now), body, sealer));
    expect(await prove({ password: "wrong password" })).toBe("user/wrong-password");
    expect(await prove({ password: PASSWORD })).toBe("auth/code-required");
    expect(await authenticatedAt(ida.id)).toEqual(NOW);
    expect(await prove({ password: PASSWORD, code: codeAt(ida.secret, now) })).toBe("not refused");
    expect(await authenticatedAt(ida.id)).toEqual(now);
    expect(await sessionActor(world.db, ida.sid, now)).toMatchObject({ authenticatedAtMs: now.getTime() });
  });

  it("counts wrong guesses, so that a stolen session is no way to try passwords", async () => {
    const jan = await person("jan@example.org");
    for (let guess = 0; guess < GUESSES_MAX; guess += 1) {
      await refusalOf(stepUp(jan.ctx(NOW), { password: "wrong password" }, sealer));
    }
    expect(await refusalOf(stepUp(jan.ctx(NOW), { password: PASSWORD }, sealer))).toBe("auth/locked");
  });
});
