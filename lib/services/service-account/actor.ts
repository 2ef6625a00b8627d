/** Who a key or a token of a service account speaks for. */
import type { Db } from "#db/client";
import { apiKeyTouch } from "#db/queries/api-key";
import { type ServiceAccountRow, serviceGrantsNow, serviceKeyBySecret } from "#db/queries/service-account";
import type { Actor, Permission } from "#lib/domain/access";
import { grantsWithSubtrees } from "#lib/services/access/grants-now";

/** How exact "last used" is: a write per request would cost more than the request. Milliseconds. */
export const TOUCH_MS = 60_000;

export type ServiceActor = Extract<Actor, { kind: "service" }>;

/**
 * The account as it is now, read afresh: whatever is taken away counts from the next request on.
 *
 * @param scopes of what it signed in with
 * @returns `null` when it is disabled or holds no role
 */
export async function serviceActor(
  db: Db,
  { trustDomainId, id, name, disabledAt }: ServiceAccountRow,
  scopes: readonly string[],
  now: Date,
): Promise<ServiceActor | null> {
  if (disabledAt !== null) return null;
  const rows = await serviceGrantsNow(db, { trustDomainId, serviceAccountId: id }, now);
  const grants = await grantsWithSubtrees(db, rows);
  const [strongest] = grants;
  if (!strongest) return null;
  return {
    kind: "service",
    id,
    name,
    role: strongest.role,
    trustDomainIds: [...new Set(grants.flatMap((grant) => grant.trustDomainIds))],
    grants,
    scopes: scopes as Permission[],
  };
}

/**
 * The account that a key belongs to.
 *
 * @returns `null` when the key is unknown, a source's, over or revoked; the caller cannot tell which
 */
export async function serviceActorByKey(
  db: Db,
  secretSha256: Buffer,
  now: Date,
): Promise<ServiceActor | null> {
  const found = await serviceKeyBySecret(db, secretSha256);
  if (!found) return null;
  const { key, account } = found;
  if (key.revokedAt !== null || key.expiresAt <= now) return null;
  const actor = await serviceActor(db, account, key.scopes, now);
  const lastUsedMs = key.lastUsedAt?.getTime() ?? 0;
  if (actor && now.getTime() - lastUsedMs >= TOUCH_MS) await apiKeyTouch(db, key.id, now);
  return actor;
}
