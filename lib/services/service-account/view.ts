/** Stored service accounts as the API shows them. */
import type { ServiceGrantRow, ServiceKeyRow, WorkloadTrustRow } from "#db/queries/service-account";
import type { ServiceGrantView, ServiceKeyView, WorkloadTrustView } from "#lib/contracts/service-account";
import type { Permission, Role } from "#lib/domain/access";

/**
 * Never with the secret or its digest.
 *
 * @param siblings keys of the same account, to name the one that took its place
 */
export function serviceKeyView(row: ServiceKeyRow, siblings: readonly ServiceKeyRow[]): ServiceKeyView {
  return {
    id: row.id,
    prefix: row.prefix,
    scopes: row.scopes as Permission[],
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    replacedBy: siblings.find(({ id }) => id === row.replacedBy)?.prefix ?? null,
  };
}

export function workloadTrustView(row: WorkloadTrustRow): WorkloadTrustView {
  return {
    id: row.id,
    issuer: row.issuer,
    subject: row.subject,
    claims: row.claims,
    scopes: row.scopes as Permission[],
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}

export function serviceGrantView(grant: ServiceGrantRow, trustDomain: string): ServiceGrantView {
  return {
    trustDomainId: grant.grantedIn,
    trustDomain,
    role: grant.role as Role,
    createdAt: grant.createdAt.toISOString(),
    expiresAt: grant.expiresAt?.toISOString() ?? null,
  };
}
