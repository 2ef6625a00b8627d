/** The tree of trust domains, as far as the caller sees it. */
import { trustDomainRows } from "#db/queries/trust-domain";
import type { TrustDomainList, TrustDomainView } from "#lib/contracts/access";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";

/** Each domain after its parent, siblings by name. */
export async function trustDomainList(ctx: ServiceContext): Promise<TrustDomainList> {
  const rows = await trustDomainRows(ctx.db, readScope(ctx, "fleet:read"));
  const seen = new Set(rows.map(({ id }) => id));
  const parentOf = (row: (typeof rows)[number]) =>
    row.parentId !== null && seen.has(row.parentId) ? row.parentId : null;
  const below = Map.groupBy(rows, parentOf);
  const walk = (parentId: string | null, depth: number): TrustDomainView[] =>
    (below.get(parentId) ?? []).flatMap(({ id, name, createdAt }) => [
      { id, parentId, name, depth, createdAt: createdAt.toISOString() },
      ...walk(id, depth + 1),
    ]);
  return { items: walk(null, 0) };
}
