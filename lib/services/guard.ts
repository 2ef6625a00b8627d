/** The permission check of use cases that only read. */
import { can, narrowed, type Permission, reviewOf } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { liesIn, type ReviewPeriod } from "#lib/domain/review";
import type { ServiceContext } from "./context.ts";

/**
 * Which trust domains the caller may read in: those where one of its roles holds the permission.
 *
 * @throws {ProblemError} `auth/forbidden` when the role lacks the permission; `auth/outside-review` for whoever is kept to
 *   a period, to which only {@link reviewScope} keeps
 */
export function readScope(ctx: ServiceContext, permission: Permission): readonly string[] {
  const { scope, review } = reviewScope(ctx, permission);
  if (review) throw outsideReview(review);
  return scope;
}

/** Where the caller may read, and the only period that it may look at; `null` = any. */
export type ReviewScope = { scope: readonly string[]; review: ReviewPeriod | null };

/**
 * The same for use cases that keep to the period of a review, or read what has no time.
 *
 * @throws {ProblemError} `auth/forbidden` when the role lacks the permission
 */
export function reviewScope({ actor }: ServiceContext, permission: Permission): ReviewScope {
  if (!can(actor, permission)) throw new ProblemError("auth/forbidden", "Your role does not allow this.");
  return { scope: narrowed(actor, permission).trustDomainIds, review: reviewOf(actor) };
}

/** @throws {ProblemError} `auth/outside-review` for a stretch of time that is not part of the review */
export function requireInReview(review: ReviewPeriod | null, stretch: ReviewPeriod): void {
  if (review && !liesIn(review, stretch)) throw outsideReview(review);
}

function outsideReview({ fromMs, toMs }: ReviewPeriod): ProblemError {
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
  return new ProblemError("auth/outside-review", `Your review covers ${from} to ${to}, and nothing else.`);
}
