/** Reviews: somebody from outside is let in to look at one period, and at nothing else. Pure. */
import type { Permission } from "./access.ts";

/** What may be looked at: from its beginning, until before its end. Milliseconds. */
export type ReviewPeriod = { fromMs: number; toMs: number };

/** Longest period that one person is let in for. Milliseconds. */
export const REVIEW_MAX_MS = 370 * 86_400_000;

/** All that a review is for; the use cases behind these verbs keep to the period. Every other verb is refused. */
export const REVIEW_VERBS: readonly Permission[] = ["compliance:read", "export:read", "account:own"];

/** A role that somebody holds. `null` = at any time. */
type Held = { review: ReviewPeriod | null };

/**
 * Which of the roles that somebody holds count. A role that is held for itself counts, and reviews do not beside it: they
 * would let in to a period without keeping anybody to it. Otherwise the review that comes last counts, with the
 * others for the same period.
 *
 * @param held in the order in which they were given
 */
export function heldThatCount<H extends Held>(
  held: readonly H[],
): { held: readonly H[]; review: ReviewPeriod | null } {
  const own = held.filter(({ review }) => review === null);
  const last = held.at(-1)?.review ?? null;
  if (own.length > 0 || last === null) return { held: own, review: null };
  return { held: held.filter(({ review }) => samePeriod(review, last)), review: last };
}

export function samePeriod(a: ReviewPeriod | null, b: ReviewPeriod | null): boolean {
  return a === b || (a !== null && b !== null && a.fromMs === b.fromMs && a.toMs === b.toMs);
}

/** Whether a stretch of time lies in the period. `null` = every one does. */
export function liesIn(review: ReviewPeriod | null, { fromMs, toMs }: ReviewPeriod): boolean {
  return review === null || (fromMs >= review.fromMs && toMs <= review.toMs);
}
