/** The period of a review, as it is stored beside a role. */
import type { roleGrant } from "#db/schema/people";
import type { ReviewPeriod } from "#lib/domain/review";

type Stored = Pick<typeof roleGrant.$inferSelect, "reviewFrom" | "reviewTo">;

/** `null` = the role counts for any time. */
export function reviewPeriodOf({ reviewFrom, reviewTo }: Stored): ReviewPeriod | null {
  return reviewFrom && reviewTo ? { fromMs: reviewFrom.getTime(), toMs: reviewTo.getTime() } : null;
}

export function storedReview(review: ReviewPeriod | null): Stored {
  return { reviewFrom: review && new Date(review.fromMs), reviewTo: review && new Date(review.toMs) };
}
