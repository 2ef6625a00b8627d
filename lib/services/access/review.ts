/** Letting somebody in to review one period. */
import type { ReviewView } from "#lib/contracts/access";
import type { Role } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { REVIEW_MAX_MS, type ReviewPeriod, samePeriod } from "#lib/domain/review";
import { iso } from "#lib/services/instant";

export function reviewView(review: ReviewPeriod | null): ReviewView | null {
  return review && { from: iso(review.fromMs), to: iso(review.toMs) };
}

/**
 * The period that is asked for; `null` = any time.
 *
 * @throws {ProblemError} `request/invalid` for a role that reviews nothing, and for a period that is empty or too long
 */
export function reviewAsked(role: Role, asked: ReviewView | undefined): ReviewPeriod | null {
  if (!asked) return null;
  const review = { fromMs: Date.parse(asked.from), toMs: Date.parse(asked.to) };
  const detail = refusal(role, review.toMs - review.fromMs);
  if (detail === null) return review;
  throw new ProblemError("request/invalid", detail, { pointers: [{ pointer: "#/review", detail }] });
}

function refusal(role: Role, lengthMs: number): string | null {
  if (role !== "auditor") return "Only an auditor is let in to review a period.";
  if (lengthMs <= 0) return "The period must end after it begins.";
  if (lengthMs > REVIEW_MAX_MS) return "A review covers a year at most.";
  return null;
}

/**
 * A review stands alone: beside another role it would not count, and the person would look at everything.
 *
 * @param held what the person holds besides, without what has ended
 * @throws {ProblemError} `user/review-alone`
 */
export function requireAlone(
  review: ReviewPeriod | null,
  held: readonly { review: ReviewPeriod | null }[],
): void {
  if (held.every((other) => samePeriod(other.review, review))) return;
  const detail =
    review === null
      ? "The person is here to review a period. Take that role away first."
      : "The person holds another role, or reviews another period. Take that away first, or let them in with an account of its own.";
  throw new ProblemError("user/review-alone", detail);
}
