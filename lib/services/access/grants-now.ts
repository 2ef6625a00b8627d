/** Granted roles with everything below the domains that they were granted for. */
import type { Conn } from "#db/client";
import { trustDomainSubtree } from "#db/queries/trust-domain";
import { type Grant, ROLES } from "#lib/domain/access";

/** The strongest role first. */
export async function grantsWithSubtrees(
  conn: Conn,
  rows: readonly { trustDomainId: string; role: string }[],
): Promise<Grant[]> {
  const grants: Grant[] = [];
  for (const role of [...ROLES].reverse()) {
    const granted = rows.filter((row) => row.role === role).map((row) => row.trustDomainId);
    if (granted.length === 0) continue;
    const below = await trustDomainSubtree(conn, granted);
    grants.push({ role, trustDomainIds: [...new Set([...granted, ...below])] });
  }
  return grants;
}
