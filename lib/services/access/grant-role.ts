/** Giving a person a role in a trust domain, for ever or for a time. */
import { peopleWithGrants, roleGrantPut, sessionRevokeAll } from "#db/queries/access";
import { reviewPeriodOf, storedReview } from "#db/queries/review";
import { GrantRoleBody, PersonParams } from "#lib/contracts/access";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { grantEnd } from "./grant-end.ts";
import { requireAlone, reviewAsked, reviewView } from "./review.ts";
import { isSamePerson } from "./same-person.ts";

/**
 * Give the role, or give it a new end. The person's sessions end: rights change with a new sign-in only.
 *
 * Only somebody who holds a role in the caller's domains already can be found; others are let in with
 * {@link createUser}, so that nobody can try out who has an account elsewhere.
 *
 * @throws {ProblemError} `domain/not-found`, `user/not-found`, `user/grant-follows-groups`, `user/review-alone`, `request/invalid`
 */
export const grantRole = command({
  name: "role.grant",
  permission: "user:manage",
  input: GrantRoleBody.extend(PersonParams.shape),
  target: ({ userId }) => userId,
  async run(tx, { actor, now }, { userId, trustDomainId, role, expiresInDays, review: asked }) {
    if (!actor.trustDomainIds.includes(trustDomainId))
      throw new ProblemError("domain/not-found", `No trust domain ${trustDomainId}.`);
    const held = await peopleWithGrants(tx, actor.trustDomainIds, userId);
    if (held.length === 0) throw new ProblemError("user/not-found", `No user ${userId}.`);
    const isSame = ({ grant }: (typeof held)[number]) =>
      grant.trustDomainId === trustDomainId && grant.role === role;
    const before = held.find(isSame)?.grant;
    if (before?.origin === "oidc")
      throw new ProblemError(
        "user/grant-follows-groups",
        "A group of the identity provider gives this role.",
      );
    const createdAt = now();
    const expiresAt = grantEnd(role, expiresInDays, createdAt);
    const review = reviewAsked(role, asked);
    const others = held.filter(
      (one) => !isSame(one) && (one.grant.expiresAt === null || one.grant.expiresAt > createdAt),
    );
    requireAlone(
      review,
      others.map(({ grant }) => ({ review: reviewPeriodOf(grant) })),
    );
    const key = { userId, trustDomainId, role };
    const ownGift = held.some(({ user }) => isSamePerson(actor, user.email));
    await roleGrantPut(tx, { ...key, createdAt, ownGift, expiresAt, ...storedReview(review) });
    const sessionsEnded = await sessionRevokeAll(tx, userId, createdAt);
    return {
      result: undefined,
      audit: {
        trustDomainId,
        entity: "user",
        entityId: userId,
        before: before
          ? { role, expiresAt: before.expiresAt, review: reviewView(reviewPeriodOf(before)) }
          : null,
        after: { role, expiresAt, review: reviewView(review), sessionsEnded },
      },
    };
  },
});
