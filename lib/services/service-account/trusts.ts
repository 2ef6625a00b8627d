/** Which workload tokens count as a service account. */
import { workloadTrustInsert, workloadTrustRemove, workloadTrustRows } from "#db/queries/service-account";
import {
  CreateWorkloadTrustBody,
  ServiceAccountParams,
  WorkloadTrustParams,
  type WorkloadTrustView,
} from "#lib/contracts/service-account";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { uuidv7 } from "#lib/services/uuidv7";
import { aboutAccount, keyOf, lockAccount } from "./find.ts";
import { requireMayScope } from "./may-give.ts";
import { workloadTrustView } from "./view.ts";

const TRUSTS_MAX = 10;

/**
 * Let tokens of an issuer count as the account.
 *
 * @param issuers those that the installation accepts at all, from the composition root: no other address is asked
 * @throws {ProblemError} `service-account/not-found`, `service-account/unknown-issuer`,
 *   `service-account/beyond-maker`, `service-account/too-many`
 */
export const addWorkloadTrust = (issuers: readonly string[]) =>
  command({
    name: "service_account.trust",
    permission: "user:manage",
    input: CreateWorkloadTrustBody.safeExtend(ServiceAccountParams.shape),
    target: ({ serviceAccountId }) => serviceAccountId,
    async run(tx, { actor, now }, { serviceAccountId, issuer, subject, claims, scopes }) {
      const account = await lockAccount(tx, actor, serviceAccountId);
      if (!issuers.includes(issuer))
        throw new ProblemError(
          "service-account/unknown-issuer",
          "TOUCHSTONE_WORKLOAD_ISSUERS does not name this issuer.",
        );
      requireMayScope(actor, scopes, account.trustDomainId);
      const held = await workloadTrustRows(tx, [account.trustDomainId], [account.id]);
      if (held.length >= TRUSTS_MAX)
        throw new ProblemError(
          "service-account/too-many",
          `An account trusts ${TRUSTS_MAX} subjects at most.`,
        );
      const createdAt = now();
      const row = {
        ...keyOf(account),
        id: uuidv7(createdAt),
        issuer,
        subject,
        claims,
        scopes: [...new Set(scopes)],
        createdAt,
        lastUsedAt: null,
        removedAt: null,
      };
      await workloadTrustInsert(tx, row);
      const result: WorkloadTrustView = workloadTrustView(row);
      return { result, audit: { ...aboutAccount(account), before: null, after: result } };
    },
  });

/** Counts from the next request on. @throws {ProblemError} `service-account/not-found` */
export const removeWorkloadTrust = command({
  name: "service_account.distrust",
  permission: "user:manage",
  input: WorkloadTrustParams,
  target: ({ serviceAccountId }) => serviceAccountId,
  async run(tx, { actor, now }, { serviceAccountId, trustId }) {
    const account = await lockAccount(tx, actor, serviceAccountId);
    const gone = await workloadTrustRemove(tx, keyOf(account), trustId, now());
    if (!gone)
      throw new ProblemError("service-account/not-found", `The account trusts nothing named ${trustId}.`);
    const before = workloadTrustView(gone);
    return { result: undefined, audit: { ...aboutAccount(account), before, after: null } };
  },
});
