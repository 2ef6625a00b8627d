import { beforeAll, describe, expect, it } from "vitest";
import type { Permission, Role } from "#lib/domain/access";
import type { ServiceContext } from "#lib/services/context";
import { createServiceAccount } from "#lib/services/service-account/create";
import { createUser } from "#lib/services/user/create";
import { useDatabase } from "#tests/pg";
import { makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { effectiveOf } from "./effective.ts";
import { grantRole } from "./grant-role.ts";

const { pool } = useDatabase();
let world: World;
let root: ServiceContext;
beforeAll(async () => {
  world = await makeWorld(pool);
  root = world.as("admin", [world.home, world.away]);
});

let people = 0;
async function person(role: Role, trustDomainId: string) {
  people += 1;
  const body = { email: `e${people}@example.org`, role, password: "correct horse battery", trustDomainId };
  return (await createUser(root, body)).user.id;
}
type Who = { kind: "user" | "service"; id: string };
const told = async (ctx: ServiceContext, who: Who, trustDomainId: string, verb: Permission) => {
  const { complete, items } = await effectiveOf(ctx, { ...who, trustDomainId });
  const item = items.find((each) => each.verb === verb);
  return { complete, allowed: item?.allowed, by: item?.grant?.trustDomain ?? item?.refusal };
};

describe("effective permissions", () => {
  it("come from grants in the domain and above it, not from those below", async () => {
    const who: Who = { kind: "user", id: await person("viewer", world.home) };
    await grantRole(root, { userId: who.id, trustDomainId: world.away, role: "analyst" });
    expect(await told(root, who, world.away, "node:label")).toEqual({
      complete: true,
      allowed: true,
      by: "away",
    });
    expect(await told(root, who, world.away, "fleet:read")).toMatchObject({ allowed: true });
    expect(await told(root, who, world.home, "node:label")).toMatchObject({ allowed: false, by: "no-grant" });
    expect(await told(root, who, world.home, "fleet:read")).toMatchObject({ allowed: true, by: "home" });
  });

  it("of an auditor end with the invitation", async () => {
    const who: Who = { kind: "user", id: await person("auditor", world.home) };
    const later = { ...root, now: () => new Date(NOW.getTime() + 91 * 86_400_000) };
    expect(await told(root, who, world.home, "audit:read")).toMatchObject({ allowed: true });
    expect(await told(later, who, world.home, "audit:read")).toMatchObject({
      allowed: false,
      by: "grant-ended",
    });
  });

  it("of a program leave out what is for people, and those of somebody disabled are none", async () => {
    const id = await person("admin", world.home);
    const owner = { ...root, actor: { ...root.actor, id } };
    const made = await createServiceAccount(owner, { trustDomainId: world.home, name: "bot", role: "admin" });
    const who: Who = { kind: "service", id: made.id };
    expect(await told(root, who, world.home, "source:manage")).toMatchObject({ allowed: true, by: "home" });
    expect(await told(root, who, world.home, "change:decide")).toMatchObject({ by: "people-only" });
    await pool.query("UPDATE service_account SET disabled_at = now() WHERE id = $1", [made.id]);
    expect(await told(root, who, world.home, "source:manage")).toMatchObject({ by: "disabled" });
    await pool.query("UPDATE app_user SET disabled_at = now() WHERE id = $1", [id]);
    expect(await told(root, { kind: "user", id }, world.home, "fleet:read")).toMatchObject({
      by: "disabled",
    });
  });

  it("say so when grants may stand above what the caller sees, and show nothing of those", async () => {
    const sub = world.as("admin", [world.away]);
    const both = await person("admin", world.home);
    await grantRole(root, { userId: both, trustDomainId: world.away, role: "viewer" });
    expect(await told(sub, { kind: "user", id: both }, world.away, "user:manage")).toEqual({
      complete: false,
      allowed: false,
      by: "no-grant",
    });
    const above: Who = { kind: "user", id: await person("viewer", world.home) };
    expect(await refusalOf(told(sub, above, world.away, "fleet:read"))).toBe("user/not-found");
    expect(await refusalOf(told(sub, above, world.home, "fleet:read"))).toBe("domain/not-found");
    expect(await refusalOf(told(world.as("analyst"), above, world.home, "fleet:read"))).toBe(
      "auth/forbidden",
    );
  });
});
