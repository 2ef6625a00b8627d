import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  API_KEY_SCOPES,
  can,
  PERMISSIONS,
  type Permission,
  ROLES,
  type Role,
  SERVICE_VERBS,
} from "./access.ts";
import { effectivePermissions, type HeldGrant } from "./effective.ts";
import { heldThatCount } from "./review.ts";

const grant: fc.Arbitrary<HeldGrant> = fc.record({
  role: fc.constantFrom(...ROLES),
  expiresAtMs: fc.option(fc.integer({ min: 0, max: 200 }), { nil: null }),
  review: fc.option(fc.constantFrom({ fromMs: 0, toMs: 10 }, { fromMs: 10, toMs: 20 }), { nil: null }),
});
const NOW = 100;
const VERBS = Object.keys(PERMISSIONS) as Permission[];
const current = ({ expiresAtMs }: HeldGrant) => expiresAtMs === null || expiresAtMs > NOW;

describe("effective permissions", () => {
  it("say of each verb what the server's check says, and name a grant that gives it", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("user", "service"),
        fc.array(grant),
        fc.boolean(),
        (kind, drawn, disabled) => {
          const grants = kind === "user" ? drawn : drawn.map((one) => ({ ...one, review: null }));
          const told = effectivePermissions({ kind, disabled, grants }, NOW);
          expect(told.map(({ verb }) => verb)).toEqual(VERBS);
          const { held, review } = heldThatCount(grants.filter(current));
          const counting = held.map(({ role }) => ({ role, trustDomainIds: ["d"] }));
          const base = { id: "x", role: "viewer", trustDomainIds: ["d"], grants: counting } as const;
          const person = { sessionId: "s", email: "e", mustChangePassword: false, ...(review && { review }) };
          const actor =
            kind === "user"
              ? ({ ...base, kind: "user", ...person } as const)
              : ({ ...base, kind: "service", name: "n", scopes: SERVICE_VERBS } as const);
          for (const { verb, allowed, grant: by, refusal } of told) {
            expect(allowed, verb).toBe(!disabled && can(actor, verb));
            expect(refusal === null).toBe(allowed);
            if (by === null) continue;
            expect(held).toContain(by);
            expect(PERMISSIONS[verb] as readonly Role[]).toContain(by.role);
          }
        },
      ),
    );
  });

  it("tell why not: for people only, for keys of sources, over, or never given", () => {
    const why = (kind: "user" | "service", grants: HeldGrant[], verb: Permission) =>
      effectivePermissions({ kind, disabled: false, grants }, NOW).find((item) => item.verb === verb)
        ?.refusal;
    const admin = { role: "admin", expiresAtMs: null, review: null } as const;
    const reviewer = { role: "auditor", expiresAtMs: null, review: { fromMs: 0, toMs: 10 } } as const;
    expect(why("user", [reviewer], "audit:read")).toBe("outside-review");
    expect(why("user", [reviewer], "compliance:read")).toBeNull();
    expect(why("service", [admin], "change:decide")).toBe("people-only");
    expect(why("user", [admin], "change:decide")).toBeNull();
    for (const verb of API_KEY_SCOPES) expect(why("user", [admin], verb)).toBe("keys-of-sources");
    expect(why("user", [{ ...admin, expiresAtMs: NOW }], "fleet:read")).toBe("grant-ended");
    expect(why("user", [{ ...admin, role: "viewer" }], "user:manage")).toBe("no-grant");
  });

  it("name the grant that lasts longest, and of those the strongest", () => {
    const grants: HeldGrant[] = [
      { role: "admin", expiresAtMs: 150, review: null },
      { role: "viewer", expiresAtMs: null, review: null },
      { role: "approver", expiresAtMs: null, review: null },
    ];
    const told = effectivePermissions({ kind: "user", disabled: false, grants }, NOW);
    expect(told.find(({ verb }) => verb === "fleet:read")?.grant).toEqual(grants[2]);
    expect(told.find(({ verb }) => verb === "user:manage")?.grant).toEqual(grants[0]);
  });
});
