/** Keeping a service account out, and letting it in again. */
import { serviceAccountSetDisabled } from "#db/queries/service-account";
import { ServiceAccountParams } from "#lib/contracts/service-account";
import { command } from "#lib/services/command";
import { aboutAccount, lockAccount } from "./find.ts";

/** Counts from its next request on. Idempotent. @throws {ProblemError} `service-account/not-found` */
export const disableServiceAccount = command({
  name: "service_account.disable",
  permission: "user:manage",
  input: ServiceAccountParams,
  target: ({ serviceAccountId }) => serviceAccountId,
  async run(tx, { actor, now }, { serviceAccountId }) {
    const account = await lockAccount(tx, actor, serviceAccountId);
    const disabledAt = account.disabledAt ?? now();
    await serviceAccountSetDisabled(tx, account, disabledAt);
    const before = { disabledAt: account.disabledAt };
    return { result: undefined, audit: { ...aboutAccount(account), before, after: { disabledAt } } };
  },
});

/** Its keys count again as far as they have not ended. @throws {ProblemError} `service-account/not-found` */
export const enableServiceAccount = command({
  name: "service_account.enable",
  permission: "user:manage",
  input: ServiceAccountParams,
  target: ({ serviceAccountId }) => serviceAccountId,
  async run(tx, { actor }, { serviceAccountId }) {
    const account = await lockAccount(tx, actor, serviceAccountId);
    await serviceAccountSetDisabled(tx, account, null);
    const before = { disabledAt: account.disabledAt };
    return { result: undefined, audit: { ...aboutAccount(account), before, after: { disabledAt: null } } };
  },
});
