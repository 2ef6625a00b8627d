import { and, eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { auditEntry } from "#db/schema/people";
import { apiKey } from "#db/schema/source";
import { scopedDb } from "#db/scoped";
import { type Actor, PERSON_VERBS, type Permission, SERVICE_VERBS } from "#lib/domain/access";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { apiKeyDigest } from "#lib/services/source/api-key-secret";
import { createSource } from "#lib/services/source/create";
import { createUser } from "#lib/services/user/create";
import { SOURCES } from "#lib/sources/registry";
import { useDatabase } from "#tests/pg";
import { makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { serviceActorByKey } from "./actor.ts";
import { createServiceAccount } from "./create.ts";
import { createServiceKey, revokeServiceKey, rotateServiceKey } from "./keys.ts";
import { serviceAccountList } from "./list.ts";
import { grantServiceRole, revokeServiceRole } from "./roles.ts";
import { disableServiceAccount, enableServiceAccount } from "./set-disabled.ts";
import { addWorkloadTrust, removeWorkloadTrust } from "./trusts.ts";

const { pool } = useDatabase();
const DAY_MS = 86_400_000;
const days = (n: number) => new Date(NOW.getTime() + n * DAY_MS);
let world: World;
let root: ServiceContext;
let sub: ServiceContext;
let outsider: ServiceContext;

beforeAll(async () => {
  world = await makeWorld(pool);
  root = await person([world.home, world.away]);
  sub = await person([world.away]);
  outsider = await person([world.away], "viewer");
});

let people = 0;
/** A person who is in the database too, because accounts have owners. */
async function person(domains: string[], role: "admin" | "viewer" = "admin"): Promise<ServiceContext> {
  people += 1;
  const email = `owner${people}@example.org`;
  const body = { email, role, password: "correct horse battery", trustDomainId: domains[0] } as const;
  const { user } = await createUser(world.as("admin", [world.home, world.away]), body);
  const ctx = world.as(role, domains);
  return { ...ctx, actor: { ...ctx.actor, id: user.id } };
}

let names = 0;
const account = async (role: "viewer" | "analyst" | "admin" = "viewer", ctx = root, domain = world.home) => {
  names += 1;
  const body = { trustDomainId: domain, name: `bot ${names}`, role };
  return (await createServiceAccount(ctx, body)).id;
};
const READ: Permission[] = ["fleet:read", "source:read"];
const keyFor = (serviceAccountId: string, scopes = READ, expiresInDays = 90, ctx = root) =>
  createServiceKey(ctx, { serviceAccountId, scopes, expiresInDays });
const signIn = (secret: string, at = NOW) =>
  serviceActorByKey(world.db, apiKeyDigest(`Bearer ${secret}`) ?? Buffer.alloc(0), at);
const contextOf = (actor: Actor): ServiceContext => ({
  ...root,
  actor,
  db: scopedDb(pool, actor.trustDomainIds),
});

describe("a key of a service account", () => {
  it("is the account, with its roles as far as the key's scopes go", async () => {
    const id = await account("viewer");
    const { secret, key } = await keyFor(id);
    expect(secret).toMatch(/^ts_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/);
    expect(key.expiresAt).toBe(days(90).toISOString());
    const actor = await signIn(secret);
    expect(actor).toMatchObject({ kind: "service", id, role: "viewer", scopes: READ });
    if (!actor) throw new Error("not signed in");
    expect(readScope(contextOf(actor), "fleet:read")).toEqual([world.home, world.away]);
    // The role has it and the key does not, and the other way round.
    expect(() => readScope(contextOf(actor), "policy:read")).toThrow("does not allow");
    const wide = await signIn((await keyFor(id, ["audit:read"])).secret);
    expect(wide && (() => readScope(contextOf(wide), "audit:read"))).toThrow("does not allow");
  });

  it("is stored as a digest, and its secret is in no entry of the audit log", async () => {
    const { secret, key } = await keyFor(await account());
    const [row] = await world.db.select().from(apiKey).where(eq(apiKey.id, key.id));
    expect(row?.secretSha256).toEqual(apiKeyDigest(`Bearer ${secret}`));
    const { rows } = await pool.query("SELECT to_jsonb(a)::text AS text FROM audit_entry a");
    const tail = secret.slice(12);
    expect(rows.filter(({ text }) => text.includes(tail))).toEqual([]);
    expect(rows.some(({ text }) => text.includes(key.prefix))).toBe(true);
  });

  it("ends at its end", async () => {
    const { secret } = await keyFor(await account(), READ, 1);
    expect(await signIn(secret, new Date(days(1).getTime() - 1))).not.toBeNull();
    expect(await signIn(secret, days(1))).toBeNull();
  });

  it("counts for nothing from the next request on when it is revoked, or the account disabled or without a role", async () => {
    const id = await account();
    const [one, two] = [await keyFor(id), await keyFor(id)];
    await revokeServiceKey(root, { serviceAccountId: id, keyId: one.key.id });
    expect([await signIn(one.secret), await signIn(two.secret)]).toEqual([null, expect.anything()]);
    await disableServiceAccount(root, { serviceAccountId: id });
    expect(await signIn(two.secret)).toBeNull();
    await enableServiceAccount(root, { serviceAccountId: id });
    expect(await signIn(two.secret)).not.toBeNull();
    expect(await signIn(one.secret)).toBeNull();
    await revokeServiceRole(root, { serviceAccountId: id, trustDomainId: world.home, role: "viewer" });
    expect(await signIn(two.secret)).toBeNull();
  });

  it("loses a role when that ends", async () => {
    const id = await account("viewer", root, world.away);
    const role = { trustDomainId: world.away, role: "analyst", expiresInDays: 1 } as const;
    await grantServiceRole(root, { serviceAccountId: id, ...role });
    const { secret } = await keyFor(id);
    expect((await signIn(secret))?.role).toBe("analyst");
    expect((await signIn(secret, days(1)))?.role).toBe("viewer");
  });

  it("notes its use to the minute, not per request", async () => {
    const { secret, key } = await keyFor(await account());
    const used = async () =>
      (await world.db.select().from(apiKey).where(eq(apiKey.id, key.id)))[0]?.lastUsedAt?.getTime();
    await signIn(secret);
    expect(await used()).toBe(NOW.getTime());
    await signIn(secret, new Date(NOW.getTime() + 59_999));
    expect(await used()).toBe(NOW.getTime());
    await signIn(secret, new Date(NOW.getTime() + 60_000));
    expect(await used()).toBe(NOW.getTime() + 60_000);
  });

  it("is one of ten at most", async () => {
    const id = await account();
    for (let made = 0; made < 10; made++) await keyFor(id);
    expect(await refusalOf(keyFor(id))).toBe("service-account/too-many");
  });
});

describe("rotating a key", () => {
  it("makes another with the same scopes; the old one counts on for the overlap and no longer", async () => {
    const id = await account();
    const old = await keyFor(id);
    const made = await rotateServiceKey(root, { serviceAccountId: id, keyId: old.key.id, overlapDays: 2 });
    expect(made.key.scopes).toEqual(old.key.scopes);
    for (const secret of [old.secret, made.secret]) expect(await signIn(secret, days(1))).not.toBeNull();
    expect([await signIn(old.secret, days(2)), await signIn(made.secret, days(2))]).toEqual([
      null,
      expect.anything(),
    ]);
    const again = rotateServiceKey(root, { serviceAccountId: id, keyId: old.key.id });
    expect(await refusalOf(again)).toBe("service-account/key-over");
    const list = await serviceAccountList(root, []);
    const keys = list.items.find((item) => item.id === id)?.keys;
    expect(keys?.map(({ replacedBy }) => replacedBy)).toEqual([null, made.key.prefix]);
  });

  it("never lengthens the life of the old one, and revives none that is over", async () => {
    const id = await account();
    const short = await keyFor(id, READ, 1);
    await rotateServiceKey(root, { serviceAccountId: id, keyId: short.key.id, overlapDays: 14 });
    expect(await signIn(short.secret, days(1))).toBeNull();
    const gone = await keyFor(id);
    await revokeServiceKey(root, { serviceAccountId: id, keyId: gone.key.id });
    const revive = rotateServiceKey(root, { serviceAccountId: id, keyId: gone.key.id });
    expect(await refusalOf(revive)).toBe("service-account/key-over");
  });
});

describe("who manages a service account", () => {
  it("is who may manage people in its domain: hidden from above, forbidden to others", async () => {
    const id = await account();
    const far = { serviceAccountId: id };
    expect(await refusalOf(keyFor(id, READ, 1, sub))).toBe("service-account/not-found");
    expect(await refusalOf(disableServiceAccount(sub, far))).toBe("service-account/not-found");
    expect((await serviceAccountList(sub, [])).items.map((item) => item.id)).not.toContain(id);
    const low = await account("viewer", sub, world.away);
    expect(await refusalOf(keyFor(low, READ, 1, outsider))).toBe("auth/forbidden");
    const rotate = { serviceAccountId: id, keyId: (await keyFor(low)).key.id };
    expect(await refusalOf(rotateServiceKey(root, rotate))).toBe("service-account/not-found");
  });

  it("cannot make one above, nor give it a role outside of its own part of the tree", async () => {
    const above = { trustDomainId: world.home, name: "above", role: "viewer" } as const;
    expect(await refusalOf(createServiceAccount(sub, above))).toBe("domain/not-found");
    const low = await account("viewer", root, world.away);
    const grant = { serviceAccountId: low, trustDomainId: world.home, role: "viewer" } as const;
    expect(await refusalOf(grantServiceRole(root, grant))).toBe("domain/not-found");
    expect(await refusalOf(grantServiceRole(sub, grant))).toBe("domain/not-found");
  });

  it("passes on no more than they hold", async () => {
    // Somebody whose right to manage people came without the rest: a role that the table does not know today.
    const id = await account();
    const bare = { ...root, actor: { ...root.actor, grants: [] } as Actor };
    expect(await refusalOf(keyFor(id, READ, 1, bare))).toBe("auth/forbidden");
    const { requireMayScope, requireMayGrant } = await import("./may-give.ts");
    const viewer = world.as("viewer").actor;
    expect(() => requireMayScope(viewer, ["fleet:read"], world.home)).not.toThrow();
    expect(() => requireMayScope(viewer, ["source:manage"], world.home)).toThrow("yourself");
    expect(() => requireMayScope(viewer, ["fleet:read"], world.away)).toThrow("yourself");
    expect(() => requireMayGrant(viewer, "viewer", world.home)).not.toThrow();
    expect(() => requireMayGrant(viewer, "analyst", world.home)).toThrow("do not hold");
    expect(() => requireMayGrant(viewer, "viewer", world.away)).toThrow("do not hold");
  });

  it("finds a name once in a domain", async () => {
    const body = { trustDomainId: world.home, name: "once", role: "viewer" } as const;
    await createServiceAccount(root, body);
    expect(await refusalOf(createServiceAccount(root, body))).toBe("service-account/name-taken");
    expect(await refusalOf(createServiceAccount(root, { ...body, trustDomainId: world.away }))).toBe(
      "not refused",
    );
  });

  it("is never a service account, whatever its role: nothing that is for people is open to it", async () => {
    const id = await account("admin");
    const actor = await signIn((await keyFor(id, [...SERVICE_VERBS])).secret);
    if (!actor) throw new Error("not signed in");
    for (const verb of PERSON_VERBS) {
      // Even with a scope that no key can be made for.
      const forged = contextOf({ ...actor, scopes: [...actor.scopes, verb] });
      expect(() => readScope(forged, verb)).toThrow("does not allow");
    }
    const body = { trustDomainId: world.home, name: "child", role: "admin" } as const;
    expect(await refusalOf(createServiceAccount(contextOf(actor), body))).toBe("auth/forbidden");
    expect(await refusalOf(keyFor(id, READ, 1, contextOf(actor)))).toBe("auth/forbidden");
    expect(await refusalOf(createServiceKey(root, { serviceAccountId: id, scopes: ["change:decide"] }))).toBe(
      "request/invalid",
    );
  });
});

describe("what a service account does", () => {
  it("is on the record under its own kind and id", async () => {
    const id = await account("admin");
    const actor = await signIn((await keyFor(id, ["source:manage"])).secret);
    if (!actor) throw new Error("not signed in");
    const made = await createSource(contextOf(actor), { kind: "generic", name: "by a bot" }, SOURCES);
    const entry = and(eq(auditEntry.entityId, made.id), eq(auditEntry.action, "source.create"));
    expect(await world.db.select().from(auditEntry).where(entry)).toMatchObject([
      { actorKind: "service", actorId: id, outcome: "done" },
    ]);
  });
});

describe("a trusted subject", () => {
  it("is of an issuer that the installation accepts, and on the list until it is removed", async () => {
    const id = await account();
    const body = { serviceAccountId: id, issuer: "https://ci.example.org", subject: "job", scopes: READ };
    expect(await refusalOf(addWorkloadTrust([])(root, body))).toBe("service-account/unknown-issuer");
    const trust = addWorkloadTrust([body.issuer]);
    const added = await trust(root, body);
    const held = async () =>
      (await serviceAccountList(root, [])).items.find((item) => item.id === id)?.trusts.length;
    expect(await held()).toBe(1);
    expect(await refusalOf(trust(root, { ...body, subject: null }))).toBe("request/invalid");
    expect(await refusalOf(trust(sub, body))).toBe("service-account/not-found");
    await removeWorkloadTrust(root, { serviceAccountId: id, trustId: added.id });
    expect(await held()).toBe(0);
    const again = removeWorkloadTrust(root, { serviceAccountId: id, trustId: added.id });
    expect(await refusalOf(again)).toBe("service-account/not-found");
  });
});
