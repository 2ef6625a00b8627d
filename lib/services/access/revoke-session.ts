/** Ending a session that is not at hand any more. */
import { peopleWithGrants, sessionOwner } from "#db/queries/access";
import { sessionRevoke } from "#db/queries/session";
import { SessionParams } from "#lib/contracts/access";
import { can, narrowed, type Permission } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { domainFor } from "#lib/services/domain";

/** Everybody may end their own sessions; another's takes the right to manage people where that person is. */
const OTHERS: Permission = "user:manage";

/** @throws {ProblemError} `session/not-found`, also for a session of somebody whom the caller may not manage */
export const revokeSession = command({
  name: "session.revoke",
  permission: "account:own",
  input: SessionParams,
  target: ({ sessionId }) => sessionId,
  async run(tx, { actor, now }, { sessionId }) {
    const digest = Buffer.from(sessionId, "hex");
    const missing = new ProblemError("session/not-found", "No such open session.");
    const owner = await sessionOwner(tx, digest);
    if (owner === undefined) throw missing;
    const own = actor.kind === "user" && actor.id === owner;
    const managed = can(actor, OTHERS) ? narrowed(actor, OTHERS).trustDomainIds : [];
    const [grant] = own ? [] : await peopleWithGrants(tx, managed, owner);
    if (!own && !grant) throw missing;
    if (!(await sessionRevoke(tx, digest, now()))) throw missing;
    return {
      result: undefined,
      audit: {
        trustDomainId: grant?.grant.trustDomainId ?? domainFor(actor),
        entity: "user",
        entityId: owner,
        before: { sessionId },
        after: null,
      },
    };
  },
});
