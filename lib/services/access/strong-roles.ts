/** Who holds a strong role in the trust domains that the caller sees, and which of them somebody has to confirm. */
import { confirmableGrants } from "#db/queries/access-confirmation";
import type { StrongRoleList, StrongRoleView } from "#lib/contracts/strong-role";
import { type Role, STRONG_ROLES } from "#lib/domain/access";
import { confirmationDue } from "#lib/domain/confirmation";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso } from "#lib/services/instant";
import { isSamePerson } from "./same-person.ts";

export async function strongRoles(ctx: ServiceContext): Promise<StrongRoleList> {
  const now = ctx.now();
  const rows = await confirmableGrants(ctx.db, readScope(ctx, "user:read"), STRONG_ROLES, now);
  const items = rows.map((row) => strongRoleView(ctx, row, now));
  return { items: items.sort((a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt)) };
}

type Row = Awaited<ReturnType<typeof confirmableGrants>>[number];

function strongRoleView(
  { actor }: ServiceContext,
  { grant, user, trustDomain, confirmation, confirmedBy }: Row,
  now: Date,
): StrongRoleView {
  const { ownGift, createdAt } = grant;
  const confirmedAtMs = confirmation?.at.getTime() ?? null;
  const dueAtMs = confirmationDue({ givenAtMs: createdAt.getTime(), ownGift, confirmedAtMs });
  return {
    userId: user.id,
    email: user.email,
    disabledAt: user.disabledAt?.toISOString() ?? null,
    trustDomainId: grant.trustDomainId,
    trustDomain,
    role: grant.role as Role,
    origin: grant.origin === "oidc" ? "oidc" : "local",
    givenAt: createdAt.toISOString(),
    expiresAt: grant.expiresAt?.toISOString() ?? null,
    ownGift,
    confirmed: confirmation && {
      at: confirmation.at.toISOString(),
      by: confirmedBy ?? "",
      note: confirmation.note,
    },
    dueAt: iso(dueAtMs),
    due: dueAtMs <= now.getTime(),
    own: isSamePerson(actor, user.email),
  };
}
