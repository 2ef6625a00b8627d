import { beforeEach, describe, expect, it } from "vitest";
import { confirmRole } from "#lib/services/access/confirm-role";
import { grantRole } from "#lib/services/access/grant-role";
import { revokeRole } from "#lib/services/access/revoke-role";
import { type AccessPerson, type AccessWorld, useAnaAndBen } from "#tests/access-world";
import { useDatabase } from "#tests/pg";
import { measure } from "./measure.ts";

const { pool } = useDatabase();
let world: AccessWorld;
let ana: AccessPerson;
let ben: AccessPerson;
useAnaAndBen(pool, (...told) => {
  [world, ana, ben] = told;
});
beforeEach(async () => {
  await world.person("analyst");
});

const roleOf = ({ id }: AccessPerson, trustDomainId = world.home) => ({
  ...{ userId: id, trustDomainId, role: "approver" as const },
});
/** M21 over the thirty days that end on a day, asked at the clock that is set. */
async function m21(day: number, by = ana) {
  const period = { from: world.iso(day - 30), to: world.iso(day) };
  const { measure: figure, rows } = await measure(by.ctx, { measureId: "M21", ...period });
  return { ...figure, rows: Object.fromEntries(rows.map(({ name, verdict }) => [name, verdict])) };
}
const ANA = "ana@example.test: admin in home";
const BEN = "ben@example.test: approver in home";

describe("privilege (M21)", () => {
  it("counts strong roles only, each as met for less than ninety days after it was given", async () => {
    world.at(90);
    expect(await m21(89)).toMatchObject({
      ...{ result: "satisfied", unit: "grants", totals: { met: 2, denominator: 2 } },
      rows: { [ANA]: "met", [BEN]: "met" },
    });
    expect(await m21(90)).toMatchObject({
      ...{ result: "not_satisfied", totals: { met: 0, missed: 2 } },
      rows: { [ANA]: "missed", [BEN]: "missed" },
    });
  });

  it("is met for less than ninety days after another person confirmed it, by what was confirmed then", async () => {
    world.at(80);
    await confirmRole(ana.ctx, roleOf(ben));
    world.at(400);
    expect((await m21(169)).rows[BEN]).toBe("met");
    expect((await m21(170)).rows[BEN]).toBe("missed");
    await confirmRole(ana.ctx, roleOf(ben));
    expect((await m21(170)).rows[BEN]).toBe("missed");
    expect((await m21(400)).rows[BEN]).toBe("met");
  });

  it("still counts what was taken away for a period in which it was held, and never afterwards", async () => {
    world.at(100);
    await revokeRole(ana.ctx, roleOf(ben));
    world.at(130);
    expect((await m21(95)).rows).toEqual({ [ANA]: "missed", [BEN]: "missed" });
    expect((await m21(60)).rows).toEqual({ [ANA]: "met", [BEN]: "met" });
    expect((await m21(100)).rows).toEqual({ [ANA]: "missed" });
    expect((await m21(120)).rows).toEqual({ [ANA]: "missed" });
  });

  it("counts a role that ends by itself until its end, also when it was given again since", async () => {
    await grantRole(ana.ctx, { ...roleOf(ben, world.away), expiresInDays: 20 });
    world.at(40);
    await grantRole(ana.ctx, { ...roleOf(ben, world.away) });
    world.at(50);
    const away = "ben@example.test: approver in away";
    expect((await m21(19)).rows[away]).toBe("met");
    expect((await m21(30)).rows).toEqual({ [ANA]: "met", [BEN]: "met" });
    expect((await m21(50)).rows[away]).toBe("met");
  });

  it("has a confirmation of an earlier grant count for that one only", async () => {
    world.at(10);
    await grantRole(ana.ctx, { ...roleOf(ana), expiresInDays: 10 });
    const cat = await world.person("admin", { email: "cat@example.test" });
    await confirmRole(cat.ctx, roleOf(ana));
    world.at(30);
    await grantRole(ana.ctx, roleOf(ana));
    const own = "ana@example.test: approver in home";
    expect((await m21(15)).rows[own]).toBe("met");
    expect((await m21(30)).rows[own]).toBe("missed");
  });

  it("takes a role that somebody gave to themselves for unconfirmed until another person confirms it", async () => {
    const cat = await world.person("admin", { email: "cat@example.test", ownGift: true });
    world.at(1);
    expect((await m21(1)).rows["cat@example.test: admin in home"]).toBe("missed");
    await confirmRole(ana.ctx, { userId: cat.id, trustDomainId: world.home, role: "admin" });
    expect((await m21(1)).rows["cat@example.test: admin in home"]).toBe("met");
  });

  it("shows roles of the domains that are looked at, and no others", async () => {
    const below = await world.person("admin", { domain: world.away, email: "dee@example.test" });
    world.at(1);
    expect((await m21(1, below)).rows).toEqual({ "dee@example.test: admin in away": "met" });
    expect(Object.keys((await m21(1)).rows)).toContain("dee@example.test: admin in away");
  });

  it("is of nothing before anybody held one", async () => {
    world.at(1);
    expect((await m21(-1)).result).toBe("no_data");
  });
});
