/** Guards of reviews: whoever is here for one period sees nothing outside of it. */
import { type Guard, guard } from "./guard.ts";

const RULE = "lib/domain/review.test.ts";
const ACCESS = "lib/services/access/access.db.test.ts";
const REVIEW = "lib/services/report/review.db.test.ts";
const ROUTES = "tests/routes/review.db.test.ts";

export const REVIEW_GUARDS: readonly Guard[] = [
  guard(
    "a review opens its own verbs only",
    "lib/domain/access.ts",
    "return review === undefined || REVIEW_VERBS.includes(permission);",
    "return true;",
    RULE,
  ),
  guard(
    "a review reaches into no domain with another verb",
    "lib/domain/access.ts",
    `if (actor.kind === "user" && !reviews(actor, permission)) return withGrants(actor, []);`,
    "",
    RULE,
  ),
  guard(
    "a review does not count beside another role",
    "lib/domain/review.ts",
    "if (own.length > 0 || last === null)",
    "if (last === null)",
    RULE,
  ),
  guard(
    "a review is given beside no other role",
    "lib/services/access/review.ts",
    "if (held.every((other) => samePeriod(other.review, review))) return;",
    "return;",
    ACCESS,
  ),
  guard(
    "a review is an auditor's",
    "lib/services/access/review.ts",
    `if (role !== "auditor") return`,
    "if (false as boolean) return",
    ACCESS,
  ),
  guard(
    "who is here for a review is asked nothing",
    "db/queries/change-request.ts",
    "isNull(roleGrant.reviewFrom),",
    "",
    ACCESS,
  ),
  guard(
    "who is here for a review holds no role for others",
    "db/queries/remediation-people.ts",
    "g.review_from IS NULL AND ",
    "",
    ACCESS,
  ),
  guard(
    "routes are closed to a review unless they keep to it",
    "lib/server/http/route.ts",
    "    requireOpenToReview(actor, spec);",
    "",
    ROUTES,
  ),
  guard(
    "reads are closed to a review unless they keep to it",
    "lib/services/guard.ts",
    "if (review) throw outsideReview(review);",
    "",
    REVIEW,
  ),
  guard(
    "a period that is asked for lies in the review",
    "lib/services/guard.ts",
    "if (review && !liesIn(review, stretch)) throw outsideReview(review);",
    "",
    REVIEW,
  ),
  guard(
    "the period before lies in the review",
    "lib/services/compliance/period.ts",
    "liesIn(review, stretchOf(before)) ? before : null",
    "before",
    REVIEW,
  ),
  guard(
    "notes of another time are not part of a review",
    "lib/services/compliance/controls.ts",
    "reviewOf(ctx.actor) === null || wasInForce(note, window)",
    "true",
    REVIEW,
  ),
  guard(
    "a review reads reports of its period",
    "db/queries/report.ts",
    "gte(report.periodFrom, new Date(review.fromMs)),",
    "",
    REVIEW,
  ),
  guard(
    "a review reads reports that keep to their period",
    "db/queries/report.ts",
    "report.confined,\n          gte(",
    "gte(",
    REVIEW,
  ),
  guard(
    "a report of a review says nothing of the time before",
    "lib/services/report/compute.ts",
    "report.confined ? null : periodBefore(window)",
    "periodBefore(window)",
    REVIEW,
  ),
  guard(
    "a pack of a review holds no document of the time before",
    "lib/services/report/pack.ts",
    "keepsToPeriod(snapshot) ? new Date(period.from) : null",
    "null",
    REVIEW,
  ),
];
