/** Keys of service accounts: made, rotated with an overlap, revoked. */
import type { Tx } from "#db/client";
import { apiKeyInsert, apiKeyRevoke } from "#db/queries/api-key";
import {
  type ServiceAccountRow,
  type ServiceKeyRow,
  serviceKeyLock,
  serviceKeyReplace,
  serviceKeysLive,
} from "#db/queries/service-account";
import {
  type CreatedServiceKey,
  CreateServiceKeyBody,
  RotateServiceKeyBody,
  ServiceAccountParams,
  ServiceKeyParams,
} from "#lib/contracts/service-account";
import type { Permission } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { newApiKeySecret } from "#lib/services/source/api-key-secret";
import { uuidv7 } from "#lib/services/uuidv7";
import { aboutAccount, keyOf, lockAccount } from "./find.ts";
import { requireMayScope } from "./may-give.ts";
import { serviceKeyView } from "./view.ts";

const DAY_MS = 86_400_000;
/** Keys of one account that count at a time. */
const KEYS_MAX = 10;

type NewKey = { scopes: readonly Permission[]; expiresInDays: number; now: Date };

async function addKey(
  tx: Tx,
  account: ServiceAccountRow,
  { scopes, expiresInDays, now }: NewKey,
): Promise<{ row: ServiceKeyRow; secret: string }> {
  if ((await serviceKeysLive(tx, keyOf(account), now)) >= KEYS_MAX)
    throw new ProblemError(
      "service-account/too-many",
      `An account has ${KEYS_MAX} keys at most. Revoke one.`,
    );
  const { secret, prefix, sha256 } = newApiKeySecret();
  const row = await apiKeyInsert(tx, {
    id: uuidv7(now),
    ...keyOf(account),
    prefix,
    secretSha256: sha256,
    scopes: [...new Set(scopes)],
    createdAt: now,
    expiresAt: new Date(now.getTime() + expiresInDays * DAY_MS),
  });
  return { row, secret };
}

/** @throws {ProblemError} `service-account/not-found`, also for a key of another account */
async function lockKey(tx: Tx, account: ServiceAccountRow, keyId: string): Promise<ServiceKeyRow> {
  const key = await serviceKeyLock(tx, keyOf(account), keyId);
  if (!key) throw new ProblemError("service-account/not-found", `The account has no key ${keyId}.`);
  return key;
}

/**
 * Create a key. The answer is the only time that its secret can be read.
 *
 * @throws {ProblemError} `service-account/not-found`, `service-account/beyond-maker`, `service-account/too-many`
 */
export const createServiceKey = command({
  name: "service_account.create_key",
  permission: "user:manage",
  input: CreateServiceKeyBody.extend(ServiceAccountParams.shape),
  target: ({ serviceAccountId }) => serviceAccountId,
  async run(tx, { actor, now }, { serviceAccountId, scopes, expiresInDays }) {
    const account = await lockAccount(tx, actor, serviceAccountId);
    requireMayScope(actor, scopes, account.trustDomainId);
    const { row, secret } = await addKey(tx, account, { scopes, expiresInDays, now: now() });
    const result: CreatedServiceKey = { key: serviceKeyView(row, []), secret };
    return { result, audit: { ...aboutAccount(account), before: null, after: result.key } };
  },
});

/**
 * Make a key with the same scopes and give the old one an end, so that programs can be moved over without a gap. The
 * old key never lasts longer than it would have.
 *
 * @throws {ProblemError} `service-account/not-found`, `service-account/beyond-maker`, `service-account/too-many`;
 *   `service-account/key-over` for a key that counts no more or was replaced already
 */
export const rotateServiceKey = command({
  name: "service_account.rotate_key",
  permission: "user:manage",
  input: RotateServiceKeyBody.extend(ServiceKeyParams.shape),
  target: ({ serviceAccountId }) => serviceAccountId,
  async run(tx, { actor, now }, { serviceAccountId, keyId, expiresInDays, overlapDays }) {
    const account = await lockAccount(tx, actor, serviceAccountId);
    const old = await lockKey(tx, account, keyId);
    const at = now();
    if (old.revokedAt !== null || old.replacedBy !== null || old.expiresAt <= at)
      throw new ProblemError(
        "service-account/key-over",
        "The key has ended or was replaced. Create a new one.",
      );
    const scopes = old.scopes as Permission[];
    requireMayScope(actor, scopes, account.trustDomainId);
    const { row, secret } = await addKey(tx, account, { scopes, expiresInDays, now: at });
    const expiresAt = new Date(Math.min(old.expiresAt.getTime(), at.getTime() + overlapDays * DAY_MS));
    await serviceKeyReplace(tx, old.id, { expiresAt, replacedBy: row.id });
    const result: CreatedServiceKey = { key: serviceKeyView(row, []), secret };
    const before = { keyId, prefix: old.prefix, expiresAt: old.expiresAt };
    const after = { ...result.key, replaces: keyId, oldExpiresAt: expiresAt };
    return { result, audit: { ...aboutAccount(account), before, after } };
  },
});

/** Counts from the next request on. Idempotent. @throws {ProblemError} `service-account/not-found` */
export const revokeServiceKey = command({
  name: "service_account.revoke_key",
  permission: "user:manage",
  input: ServiceKeyParams,
  target: ({ serviceAccountId }) => serviceAccountId,
  async run(tx, { actor, now }, { serviceAccountId, keyId }) {
    const account = await lockAccount(tx, actor, serviceAccountId);
    const key = await lockKey(tx, account, keyId);
    const revokedAt = key.revokedAt ?? now();
    await apiKeyRevoke(tx, key.id, revokedAt);
    const before = { keyId, prefix: key.prefix, revokedAt: key.revokedAt };
    return { result: undefined, audit: { ...aboutAccount(account), before, after: { keyId, revokedAt } } };
  },
});
