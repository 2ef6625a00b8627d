/** Who may do what in the trust domains that the caller sees. */
import { peopleWithGrants } from "#db/queries/access";
import { reviewPeriodOf } from "#db/queries/review";
import type { PersonList, PersonView } from "#lib/contracts/access";
import type { Role } from "#lib/domain/access";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { reviewView } from "./review.ts";

export async function peopleList(ctx: ServiceContext): Promise<PersonList> {
  const rows = await peopleWithGrants(ctx.db, readScope(ctx, "user:read"));
  const people = new Map<string, PersonView>();
  for (const { user, grant, trustDomain, secondFactorAt } of rows) {
    const person = people.get(user.id) ?? personOf(user, secondFactorAt !== null);
    people.set(user.id, person);
    person.grants.push({
      trustDomainId: grant.trustDomainId,
      trustDomain,
      role: grant.role as Role,
      origin: grant.origin === "oidc" ? "oidc" : "local",
      createdAt: grant.createdAt.toISOString(),
      expiresAt: grant.expiresAt?.toISOString() ?? null,
      review: reviewView(reviewPeriodOf(grant)),
    });
  }
  return { items: [...people.values()] };
}

type Row = Awaited<ReturnType<typeof peopleWithGrants>>[number];

function personOf(user: Row["user"], secondFactor: boolean): PersonView {
  const { id, email, issuer, mustChangePassword } = user;
  return {
    id,
    email,
    issuer,
    mustChangePassword,
    secondFactor,
    disabledAt: user.disabledAt?.toISOString() ?? null,
    lockedUntil: user.lockedUntil?.toISOString() ?? null,
    createdAt: user.createdAt.toISOString(),
    grants: [],
  };
}
