/** Deciding how much remediation may take away at a time. */
import { limitsInsert, limitsNewest } from "#db/queries/remediation-limits";
import { trustDomainLock } from "#db/queries/trust-domain";
import { SetLimitsBody } from "#lib/contracts/remediation-limits";
import { ProblemError } from "#lib/domain/problems";
import { limitChanges } from "#lib/domain/remediation-limits";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";

/**
 * Save limits as a new version. Requests that were planned with others are superseded at their next vote or start.
 *
 * @throws {ProblemError} `domain/not-found`, `remediation/limits-moved` when another version holds than the one that
 *   was looked at, `remediation/limits-unchanged`
 */
export const setRemediationLimits = command({
  name: "remediation.set_limits",
  permission: "remediation:configure",
  input: SetLimitsBody,
  target: ({ trustDomainId }) => trustDomainId,
  async run(tx, ctx, { trustDomainId, version: seen, limits, reason }) {
    const actor = personActor(ctx.actor);
    const domain = await trustDomainLock(tx, actor.trustDomainIds, trustDomainId);
    if (!domain) throw new ProblemError("domain/not-found", `No trust domain ${trustDomainId}.`);
    const [before] = await limitsNewest(tx, [trustDomainId]);
    const held = before?.version ?? 0;
    if (held !== seen)
      throw new ProblemError(
        "remediation/limits-moved",
        `Version ${held} holds now, and you looked at version ${seen}.`,
      );
    if (before && limitChanges(before.content, limits).length === 0)
      throw new ProblemError("remediation/limits-unchanged", "Nothing would change.");
    const version = held + 1;
    const author = actor.id;
    await limitsInsert(tx, { trustDomainId, version, content: limits, reason, author, validFrom: ctx.now() });
    return {
      result: { version },
      audit: {
        trustDomainId,
        entity: "remediation_limits",
        entityId: trustDomainId,
        before: before ? { version: held, limits: before.content } : null,
        after: { version, limits, reason },
      },
    };
  },
});
