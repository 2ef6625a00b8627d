import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Actor, can, narrowed, PERMISSIONS, type Permission, ROLES } from "./access.ts";
import { heldThatCount, liesIn, REVIEW_VERBS, samePeriod } from "./review.ts";

const Q3 = { fromMs: 100, toMs: 200 };
const Q4 = { fromMs: 200, toMs: 300 };
const VERBS = Object.keys(PERMISSIONS) as Permission[];

const actor = (review?: typeof Q3): Actor => ({
  ...{ kind: "user", id: "u", sessionId: "s", email: "e", role: "admin", trustDomainIds: ["d"] },
  grants: ROLES.map((role) => ({ role, trustDomainIds: ["d"] })),
  mustChangePassword: false,
  ...(review && { review }),
});

describe("a review", () => {
  it("opens its own verbs and no other, whatever roles are held", () => {
    expect(VERBS.filter((verb) => can(actor(Q3), verb)).sort()).toEqual([...REVIEW_VERBS].sort());
    for (const verb of VERBS) {
      const domains = narrowed(actor(Q3), verb).trustDomainIds;
      expect(domains, verb).toEqual(REVIEW_VERBS.includes(verb) ? ["d"] : []);
    }
    expect(VERBS.filter((verb) => can(actor(), verb)).length).toBeGreaterThan(REVIEW_VERBS.length);
  });

  it("does not count beside a role that is held at any time", () => {
    const own = { review: null };
    const all = [{ review: Q3 }, own, { review: Q4 }];
    expect(heldThatCount(all)).toEqual({ held: [own], review: null });
  });

  it("is the last one that was given, in all domains that it was given for", () => {
    const [first, second, third] = [{ review: Q3 }, { review: { ...Q4 } }, { review: { ...Q4 } }];
    expect(heldThatCount([second, first, third])).toEqual({ held: [second, third], review: Q4 });
    expect(heldThatCount([])).toEqual({ held: [], review: null });
  });

  it("keeps to its period or counts roles that need none, never a mixture", () => {
    const review = fc.option(fc.constantFrom(Q3, Q4), { nil: null });
    fc.assert(
      fc.property(fc.array(fc.record({ review })), (held) => {
        const counting = heldThatCount(held);
        expect(counting.held.every((one) => samePeriod(one.review, counting.review))).toBe(true);
        expect(counting.held.length > 0).toBe(held.length > 0);
      }),
    );
  });

  it("holds what lies in it, ends included, and nothing that reaches out", () => {
    expect(liesIn(Q3, Q3)).toBe(true);
    expect(liesIn(Q3, { fromMs: 100, toMs: 101 })).toBe(true);
    for (const out of [Q4, { fromMs: 99, toMs: 150 }, { fromMs: 150, toMs: 201 }]) {
      expect(liesIn(Q3, out)).toBe(false);
      expect(liesIn(null, out)).toBe(true);
    }
  });
});
