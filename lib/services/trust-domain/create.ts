/** A new trust domain below one that the caller administers. A domain is never moved: its rows carry its id. */
import { trustDomainInsert } from "#db/queries/trust-domain";
import { CreateTrustDomainBody } from "#lib/contracts/access";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { uuidv7 } from "#lib/services/uuidv7";
import { whenTaken } from "#lib/services/when-taken";
import { nameTaken } from "./name-taken.ts";

/** @throws {ProblemError} `domain/not-found` for the parent, `domain/name-taken` */
export const createTrustDomain = command({
  name: "trust_domain.create",
  permission: "domain:manage",
  input: CreateTrustDomainBody,
  target: ({ name }) => name,
  async run(tx, { actor, now }, { parentId, name }) {
    if (!actor.trustDomainIds.includes(parentId))
      throw new ProblemError("domain/not-found", `No trust domain ${parentId}.`);
    const createdAt = now();
    const id = uuidv7(createdAt);
    // Names are unique in the installation, and the one that has it may be out of the caller's sight.
    await trustDomainInsert(tx, { id, parentId, name, createdAt }).catch(whenTaken(nameTaken(name)));
    const result = { id, parentId, name };
    return {
      result,
      audit: { trustDomainId: parentId, entity: "trust_domain", entityId: id, before: null, after: result },
    };
  },
});
