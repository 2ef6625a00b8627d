/** What somebody may do in one trust domain, and why: the table read for a single principal. Pure. */
import { API_KEY_SCOPES, PERMISSIONS, PERSON_VERBS, type Permission, ROLES, type Role } from "./access.ts";
import { heldThatCount, REVIEW_VERBS, type ReviewPeriod } from "./review.ts";

/** Somebody whose rights are asked for. */
export type Principal<G extends HeldGrant> = {
  kind: "user" | "service";
  disabled: boolean;
  /** Those that reach the domain; ended ones too. */
  grants: readonly G[];
};
export type HeldGrant = { role: Role; expiresAtMs: number | null; review: ReviewPeriod | null };

export type Refusal =
  | "disabled"
  | "people-only"
  | "keys-of-sources"
  | "no-grant"
  | "grant-ended"
  | "outside-review";
export type Effective<G extends HeldGrant> = { verb: Permission } & (
  | { allowed: true; grant: G; refusal: null }
  | { allowed: false; grant: null; refusal: Refusal }
);

/**
 * Each verb with the grant that allows it, or with what keeps it from being allowed. Of several grants the one that
 * lasts longest is named, and of those the strongest role.
 */
export function effectivePermissions<G extends HeldGrant>(
  principal: Principal<G>,
  nowMs: number,
): Effective<G>[] {
  const verbs = Object.keys(PERMISSIONS) as Permission[];
  const isLive = ({ expiresAtMs }: G) => expiresAtMs === null || expiresAtMs > nowMs;
  const { held, review } = heldThatCount(principal.grants.filter(isLive));
  return verbs.map((verb) => {
    const refused = (refusal: Refusal) => ({ verb, allowed: false as const, grant: null, refusal });
    if ((API_KEY_SCOPES as readonly Permission[]).includes(verb)) return refused("keys-of-sources");
    if (principal.kind === "service" && (PERSON_VERBS as readonly Permission[]).includes(verb))
      return refused("people-only");
    const gives = ({ role }: G) => (PERMISSIONS[verb] as readonly Role[]).includes(role);
    const giving = principal.grants.filter(gives);
    const grant = longest(held.filter(gives));
    if (principal.disabled) return refused("disabled");
    if (grant && review && !REVIEW_VERBS.includes(verb)) return refused("outside-review");
    if (grant) return { verb, allowed: true, grant, refusal: null };
    return refused(giving.length > 0 ? "grant-ended" : "no-grant");
  });
}

function longest<G extends HeldGrant>(grants: readonly G[]): G | undefined {
  const end = ({ expiresAtMs }: G) => expiresAtMs ?? Number.POSITIVE_INFINITY;
  const strength = ({ role }: G) => ROLES.indexOf(role);
  return [...grants].sort((a, b) =>
    end(a) === end(b) ? strength(b) - strength(a) : end(b) > end(a) ? 1 : -1,
  )[0];
}
