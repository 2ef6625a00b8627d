/** The service accounts of the trust domains that the caller sees. */
import {
  serviceAccountRows,
  serviceGrantRows,
  serviceKeyRows,
  workloadTrustRows,
} from "#db/queries/service-account";
import type { ServiceAccountList } from "#lib/contracts/service-account";
import { audienceOf } from "#lib/domain/workload-token";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { serviceGrantView, serviceKeyView, workloadTrustView } from "./view.ts";

/** @param issuers whose tokens the installation accepts at all, from the composition root */
export async function serviceAccountList(
  ctx: ServiceContext,
  issuers: readonly string[],
): Promise<ServiceAccountList> {
  const scope = readScope(ctx, "user:read");
  const rows = await serviceAccountRows(ctx.db, scope);
  const ids = rows.map(({ account }) => account.id);
  const [grants, keys, trusts] = await Promise.all([
    serviceGrantRows(ctx.db, scope, ids),
    serviceKeyRows(ctx.db, scope, ids),
    workloadTrustRows(ctx.db, scope, ids),
  ]);
  const items = rows.map(({ account, trustDomain, owner }) => {
    const own = <T extends { serviceAccountId: string | null }>(all: readonly T[]) =>
      all.filter(({ serviceAccountId }) => serviceAccountId === account.id);
    const ownKeys = own(keys);
    return {
      id: account.id,
      trustDomainId: account.trustDomainId,
      trustDomain,
      name: account.name,
      owner: { id: owner.id, email: owner.email, disabled: owner.disabledAt !== null },
      createdAt: account.createdAt.toISOString(),
      disabledAt: account.disabledAt?.toISOString() ?? null,
      audience: audienceOf(account.id),
      grants: grants
        .filter(({ grant }) => grant.serviceAccountId === account.id)
        .map(({ grant, trustDomain: name }) => serviceGrantView(grant, name)),
      keys: ownKeys.map((key) => serviceKeyView(key, ownKeys)),
      trusts: own(trusts).map(workloadTrustView),
    };
  });
  return { items, issuers: [...issuers] };
}
