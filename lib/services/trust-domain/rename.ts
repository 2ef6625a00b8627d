/** Another name for a trust domain; its id, and with it everything that belongs to it, stays. */
import { trustDomainLock, trustDomainRename } from "#db/queries/trust-domain";
import { RenameTrustDomainBody, TrustDomainParams } from "#lib/contracts/access";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { whenTaken } from "#lib/services/when-taken";
import { nameTaken } from "./name-taken.ts";

/** @throws {ProblemError} `domain/not-found`, `domain/name-taken` */
export const renameTrustDomain = command({
  name: "trust_domain.rename",
  permission: "domain:manage",
  input: RenameTrustDomainBody.extend(TrustDomainParams.shape),
  target: ({ trustDomainId }) => trustDomainId,
  async run(tx, { actor }, { trustDomainId, name }) {
    const before = await trustDomainLock(tx, actor.trustDomainIds, trustDomainId);
    if (!before) throw new ProblemError("domain/not-found", `No trust domain ${trustDomainId}.`);
    await trustDomainRename(tx, trustDomainId, name).catch(whenTaken(nameTaken(name)));
    return {
      result: undefined,
      audit: {
        trustDomainId,
        entity: "trust_domain",
        entityId: trustDomainId,
        before: { name: before.name },
        after: { name },
      },
    };
  },
});
