/** Deciding what is asked of nodes that want to join or get work. */
import { admissionRuleInsert, admissionRuleNewest } from "#db/queries/admission";
import { trustDomainLock } from "#db/queries/trust-domain";
import { SetAdmissionRuleBody } from "#lib/contracts/admission";
import { ProblemError } from "#lib/domain/problems";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";

/**
 * Save a rule as a new version; it counts within a second or two wherever answers are given.
 *
 * @throws {ProblemError} `domain/not-found`, `admission/moved` when another version holds than the one that was looked
 *   at, `admission/unchanged`
 */
export const setAdmissionRule = command({
  name: "admission.set",
  permission: "admission:manage",
  input: SetAdmissionRuleBody,
  target: ({ trustDomainId }) => trustDomainId,
  async run(tx, ctx, { trustDomainId, version: seen, rule, reason }) {
    const actor = personActor(ctx.actor);
    const domain = await trustDomainLock(tx, actor.trustDomainIds, trustDomainId);
    if (!domain) throw new ProblemError("domain/not-found", `No trust domain ${trustDomainId}.`);
    const [before] = await admissionRuleNewest(tx, [trustDomainId]);
    const held = before?.version ?? 0;
    if (held !== seen)
      throw new ProblemError(
        "admission/moved",
        `Version ${held} holds now, and you looked at version ${seen}.`,
      );
    if (before && sameRule(before.content, rule))
      throw new ProblemError("admission/unchanged", "Nothing would change.");
    const version = held + 1;
    const validFrom = ctx.now();
    await admissionRuleInsert(tx, {
      trustDomainId,
      version,
      content: rule,
      reason,
      author: actor.id,
      validFrom,
    });
    return {
      result: { version },
      audit: {
        trustDomainId,
        entity: "admission_rule",
        entityId: trustDomainId,
        before: before ? { version: held, rule: before.content } : null,
        after: { version, rule, reason },
      },
    };
  },
});

type Rule = SetAdmissionRuleBody["rule"];

function sameRule(one: Rule, other: Rule): boolean {
  const textOf = ({ join, work, outage, maxStateAgeMs }: Rule) =>
    JSON.stringify([
      ...[join, work].map((clause) => [
        clause.require,
        clause.unknown,
        clause.stale,
        clause.maxEvidenceAgeMs,
      ]),
      outage,
      maxStateAgeMs,
    ]);
  return textOf(one) === textOf(other);
}
