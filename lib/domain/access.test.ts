import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Actor,
  can,
  type Grant,
  isFresh,
  mayGrantService,
  mayScopeService,
  narrowed,
  PERMISSIONS,
  PERSON_VERBS,
  type Permission,
  ROLES,
  SERVICE_VERBS,
  STEP_UP_MS,
  within,
} from "./access.ts";

const DOMAINS = ["a", "b", "c", "d"];
const permission = fc.constantFrom(...(Object.keys(PERMISSIONS) as Permission[]));
const domains = fc.subarray(DOMAINS);
const grants = fc.array(fc.record({ role: fc.constantFrom(...ROLES), trustDomainIds: domains }), {
  maxLength: 4,
}) as fc.Arbitrary<Grant[]>;

function person(held: readonly Grant[]): Extract<Actor, { kind: "user" }> {
  return {
    kind: "user",
    id: "u",
    sessionId: "s",
    email: "u@example.org",
    role: "viewer",
    trustDomainIds: [...new Set(held.flatMap(({ trustDomainIds }) => trustDomainIds))],
    grants: held,
    mustChangePassword: false,
  };
}

/** What the table says, spelled out once more. */
const allowedIn = (held: readonly Grant[], verb: Permission, domain: string) =>
  held.some(
    ({ role, trustDomainIds }) =>
      (PERMISSIONS[verb] as readonly string[]).includes(role) && trustDomainIds.includes(domain),
  );

describe("grants", () => {
  it("reach exactly the domains where a role that holds the verb was granted", () => {
    fc.assert(
      fc.property(grants, permission, (held, verb) => {
        const reached = narrowed(person(held), verb).trustDomainIds;
        expect([...reached].sort()).toEqual(DOMAINS.filter((domain) => allowedIn(held, verb, domain)));
      }),
    );
  });

  it("are never more within some domains than without, and nothing outside of them", () => {
    fc.assert(
      fc.property(grants, permission, domains, (held, verb, chosen) => {
        const inside = narrowed(within(person(held), chosen), verb).trustDomainIds;
        expect([...inside].sort()).toEqual(chosen.filter((domain) => allowedIn(held, verb, domain)).sort());
      }),
    );
  });

  it("of nobody hold nothing", () => {
    fc.assert(fc.property(permission, (verb) => !can(person([]), verb)));
  });

  it("count as one grant of the role when none are named", () => {
    const { grants: _, ...plain } = { ...person([]), role: "approver" as const, trustDomainIds: ["a"] };
    expect(narrowed(plain, "change:decide").trustDomainIds).toEqual(["a"]);
    expect(narrowed(plain, "user:manage").trustDomainIds).toEqual([]);
  });
});

describe("a service account", () => {
  const verbs = fc.subarray(Object.keys(PERMISSIONS) as Permission[]);
  const program = (held: readonly Grant[], scopes: readonly Permission[]) => ({
    kind: "service" as const,
    id: "s",
    name: "bot",
    role: "viewer" as const,
    trustDomainIds: [...new Set(held.flatMap(({ trustDomainIds }) => trustDomainIds))],
    grants: held,
    scopes,
  });

  it("may what its roles and its scopes both hold, and nothing that is for people", () => {
    fc.assert(
      fc.property(grants, verbs, permission, (held, scopes, verb) => {
        const actor = program(held, scopes);
        const open = scopes.includes(verb) && !(PERSON_VERBS as readonly string[]).includes(verb);
        const reached = narrowed(actor, verb).trustDomainIds;
        expect([...reached].sort()).toEqual(open ? DOMAINS.filter((d) => allowedIn(held, verb, d)) : []);
        expect(can(actor, verb)).toBe(open && can(person(held), verb));
      }),
    );
  });

  it("is given no more than the giver holds there", () => {
    fc.assert(
      fc.property(grants, fc.constantFrom(...ROLES), fc.constantFrom(...DOMAINS), (held, role, domain) => {
        const given = mayGrantService(person(held), role, domain);
        const ofRole = SERVICE_VERBS.filter((verb) =>
          (PERMISSIONS[verb] as readonly string[]).includes(role),
        );
        expect(given).toBe(ofRole.every((verb) => allowedIn(held, verb, domain)));
        for (const verb of SERVICE_VERBS)
          expect(mayScopeService(person(held), verb, domain)).toBe(allowedIn(held, verb, domain));
      }),
    );
  });

  it("can be set up in full by an administrator", () => {
    const admin = person([{ role: "admin", trustDomainIds: ["a"] }]);
    for (const role of ROLES) expect(mayGrantService(admin, role, "a")).toBe(true);
  });
});

describe("fresh proof of who is there", () => {
  const now = 1_780_000_000_000;
  const since = (ms: number) => ({ ...person([]), authenticatedAtMs: now - ms });

  it("lasts five minutes, cannot lie in the future, and is never there for those without one", () => {
    expect(isFresh(since(STEP_UP_MS), now)).toBe(true);
    expect(isFresh(since(STEP_UP_MS + 1), now)).toBe(false);
    expect(isFresh(since(-1), now)).toBe(false);
    expect(isFresh(person([]), now)).toBe(false);
    expect(isFresh({ kind: "system", id: "cli", trustDomainIds: [] }, now)).toBe(false);
  });
});
