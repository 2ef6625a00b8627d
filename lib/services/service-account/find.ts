/** Finding the account that something is to be done to. */
import type { Tx } from "#db/client";
import { type AccountKey, type ServiceAccountRow, serviceAccountLock } from "#db/queries/service-account";
import type { Actor } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";

/** Locked until the transaction ends. @throws {ProblemError} `service-account/not-found` */
export async function lockAccount(tx: Tx, actor: Actor, id: string): Promise<ServiceAccountRow> {
  const account = await serviceAccountLock(tx, actor.trustDomainIds, id);
  if (!account) throw new ProblemError("service-account/not-found", `No service account ${id}.`);
  return account;
}

export const keyOf = ({ trustDomainId, id }: ServiceAccountRow): AccountKey => ({
  trustDomainId,
  serviceAccountId: id,
});

/** Where the entry of a change belongs, and what it is about. */
export const aboutAccount = ({ trustDomainId, id }: ServiceAccountRow) => ({
  trustDomainId,
  entity: "service_account",
  entityId: id,
});
