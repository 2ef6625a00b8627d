/** What a person or a service account may do in a trust domain, each verb with what decides. */
import { peopleWithGrants } from "#db/queries/access";
import { reviewPeriodOf } from "#db/queries/review";
import { serviceAccountRows, serviceGrantRows } from "#db/queries/service-account";
import { trustDomainRows } from "#db/queries/trust-domain";
import type { EffectivePermissions, EffectiveQuery, ServiceGrantView } from "#lib/contracts/service-account";
import type { Role } from "#lib/domain/access";
import { effectivePermissions } from "#lib/domain/effective";
import { ProblemError } from "#lib/domain/problems";
import type { ReviewPeriod } from "#lib/domain/review";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { serviceGrantView } from "#lib/services/service-account/view";

/**
 * By the grants that the caller sees. What was given in a domain above those is unseen and not counted; the answer
 * says so with `complete`.
 *
 * @throws {ProblemError} `domain/not-found`, `user/not-found`, `service-account/not-found`
 */
export async function effectiveOf(
  ctx: ServiceContext,
  { kind, id, trustDomainId }: EffectiveQuery,
): Promise<EffectivePermissions> {
  const scope = readScope(ctx, "user:read");
  const domains = new Map((await trustDomainRows(ctx.db, scope)).map((row) => [row.id, row]));
  const above = new Set<string>();
  let next: string | null = trustDomainId;
  while (next !== null && !above.has(next)) {
    const row = domains.get(next);
    if (!row) break;
    above.add(next);
    next = row.parentId;
  }
  if (above.size === 0) throw new ProblemError("domain/not-found", `No trust domain ${trustDomainId}.`);
  const principal = kind === "user" ? await person(ctx, scope, id) : await program(ctx, scope, id);
  const grants = principal.grants
    .filter(({ grant }) => above.has(grant.trustDomainId))
    .map(({ grant, review }) => ({
      role: grant.role,
      expiresAtMs: grant.expiresAt === null ? null : Date.parse(grant.expiresAt),
      review,
      view: grant,
    }));
  const items = effectivePermissions({ kind, disabled: principal.disabled, grants }, ctx.now().getTime()).map(
    ({ verb, allowed, grant, refusal }) => ({ verb, allowed, grant: grant?.view ?? null, refusal }),
  );
  return { complete: next === null, items };
}

type Held = { disabled: boolean; grants: { grant: ServiceGrantView; review: ReviewPeriod | null }[] };

async function person(ctx: ServiceContext, scope: readonly string[], id: string): Promise<Held> {
  const rows = await peopleWithGrants(ctx.db, scope, id);
  const [first] = rows;
  if (!first) throw new ProblemError("user/not-found", `No user ${id}.`);
  return {
    disabled: first.user.disabledAt !== null,
    grants: rows.map(({ grant, trustDomain }) => ({
      grant: {
        trustDomainId: grant.trustDomainId,
        trustDomain,
        role: grant.role as Role,
        createdAt: grant.createdAt.toISOString(),
        expiresAt: grant.expiresAt?.toISOString() ?? null,
      },
      review: reviewPeriodOf(grant),
    })),
  };
}

async function program(ctx: ServiceContext, scope: readonly string[], id: string): Promise<Held> {
  const [row] = await serviceAccountRows(ctx.db, scope, id);
  if (!row) throw new ProblemError("service-account/not-found", `No service account ${id}.`);
  const grants = await serviceGrantRows(ctx.db, scope, [id]);
  return {
    disabled: row.account.disabledAt !== null,
    grants: grants.map(({ grant, trustDomain }) => ({
      grant: serviceGrantView(grant, trustDomain),
      review: null,
    })),
  };
}
