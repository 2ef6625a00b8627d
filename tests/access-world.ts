/** People with roles and a clock that moves by days: for tests of who was given what, and who confirmed it. */
import type { Pool } from "pg";
import { beforeEach } from "vitest";
import { appUser, roleGrant } from "#db/schema/people";
import type { Role } from "#lib/domain/access";
import type { ServiceContext } from "#lib/services/context";
import { uuidv7 } from "#lib/services/uuidv7";
import { makeWorld, NOW } from "./world.ts";

const DAY_MS = 86_400_000;

export type AccessWorld = Awaited<ReturnType<typeof makeAccessWorld>>;

/** Day 0 is when the world begins, with the domains `home` and `away` below it. */
export async function makeAccessWorld(pool: Pool) {
  const world = await makeWorld(pool);
  let now = NOW;
  const day = (days: number) => new Date(NOW.getTime() + days * DAY_MS);
  let people = 0;

  /** Somebody who holds a role since day 0, with a context of their own that follows the clock. */
  async function person(
    role: Role,
    {
      domain = world.home,
      email,
      ownGift = false,
    }: { domain?: string; email?: string; ownGift?: boolean } = {},
  ): Promise<{ id: string; email: string; ctx: ServiceContext }> {
    people += 1;
    const who = { id: uuidv7(NOW), email: email ?? `${role}-${people}@example.test` };
    const account = { passwordHash: "none", mustChangePassword: false, failedSignIns: 0 };
    await world.db.insert(appUser).values({ ...who, ...account, createdAt: day(0) });
    await world.db
      .insert(roleGrant)
      .values({ userId: who.id, trustDomainId: domain, role, ownGift, createdAt: day(0) });
    const base = world.as(role, domain === world.home ? [world.home, world.away] : [world.away]);
    if (base.actor.kind !== "user") throw new Error("not a person");
    return { ...who, ctx: { ...base, actor: { ...base.actor, ...who }, now: () => now } };
  }

  return {
    ...world,
    person,
    day,
    iso: (days: number) => day(days).toISOString(),
    /** Set the clock. */
    at: (days: number) => {
      now = day(days);
    },
  };
}

export type AccessPerson = Awaited<ReturnType<AccessWorld["person"]>>;

/** A new world before each test, with Ana, who administers, and Ben, who approves. */
export function useAnaAndBen(
  pool: Pool,
  tell: (world: AccessWorld, ana: AccessPerson, ben: AccessPerson) => void,
): void {
  beforeEach(async () => {
    await pool.query("TRUNCATE trust_domain, app_user CASCADE");
    const world = await makeAccessWorld(pool);
    const ana = await world.person("admin", { email: "ana@example.test" });
    tell(world, ana, await world.person("approver", { email: "ben@example.test" }));
  });
}
