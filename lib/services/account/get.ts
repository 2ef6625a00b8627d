/** The signed-in person's own account. */
import type { AccountView } from "#lib/contracts/account";
import { can, PERMISSIONS, type Permission, reviewOf } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { reviewView } from "#lib/services/access/review";
import type { ServiceContext } from "#lib/services/context";

/** @throws {ProblemError} `auth/forbidden` for anyone who is not a person */
export function accountGet({ actor }: ServiceContext): AccountView {
  if (actor.kind !== "user") throw new ProblemError("auth/forbidden", "Only people have an account.");
  return {
    id: actor.id,
    email: actor.email,
    role: actor.role,
    permissions: (Object.keys(PERMISSIONS) as Permission[]).filter((permission) => can(actor, permission)),
    mustChangePassword: actor.mustChangePassword,
    review: reviewView(reviewOf(actor)),
  };
}
