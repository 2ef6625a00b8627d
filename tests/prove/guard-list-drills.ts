/** The guards of drills on sacrificial nodes, and of what is told once. */
import { type Guard, gone, guard } from "./guard.ts";

const MARKS = "lib/services/sacrificial/sacrificial.db.test.ts";
const ENDS = "lib/services/sacrificial/mark-ends.db.test.ts";
const RULES = "lib/domain/sacrificial.test.ts";
const PAUSES = "lib/services/remediation/pause.db.test.ts";
const REVIEWS = "lib/services/remediation/overdue-reviews.db.test.ts";

export const DRILL_GUARDS: readonly Guard[] = [
  guard(
    "a node that serves a quorum is not marked",
    "lib/services/sacrificial/mark.ts",
    "if (quorum !== null)",
    gone,
    MARKS,
  ),
  guard(
    "a node on which something runs is not marked",
    "lib/services/sacrificial/mark.ts",
    'if (busy) throw new ProblemError("remediation/not-sacrificial", busy.sentence);',
    "",
    MARKS,
  ),
  guard(
    "a mark ends in 30 days",
    "lib/services/sacrificial/mark.ts",
    "if (aheadMs > 0 && aheadMs <= MARK_MAX_MS)",
    "if (aheadMs > 0)",
    MARKS,
  ),
  guard(
    "whoever does not answer has not said that nothing runs",
    "lib/services/execution/idle-checks.ts",
    "ok: false, sentence: `Whether anything runs on",
    "ok: true, sentence: `Whether anything runs on",
    MARKS,
  ),
  guard("no recipe is drilled on a quorum", "lib/domain/sacrificial.ts", "if (quorum !== null)", gone, RULES),
  guard(
    "a mark holds until the start at least",
    "lib/domain/sacrificial.ts",
    "mark.expiresMs > startMs",
    "mark.expiresMs > 0",
    RULES,
  ),
  guard(
    "only what is marked is asked to be drilled",
    "lib/services/remediation/plan.ts",
    'if (refuse && broken) throw new ProblemError("remediation/not-sacrificial", broken.sentence);',
    "",
    MARKS,
  ),
  guard(
    "a drill rests on the marks that it was agreed on with",
    "lib/services/remediation/plan.ts",
    "marks: plan.drill ? markIds(await marksHeld(conn, row.trustDomainId, nodeIds, now)) : [],",
    "marks: plan.drill?.marks ?? [],",
    MARKS,
  ),
  guard(
    "a drill cannot be called something else where it is stored",
    "lib/services/remediation/plan.ts",
    "...(row.origin === REAL_DRILL && { drill: drill ?? { marks: [] } }),",
    "...(drill && { drill }),",
    MARKS,
  ),
  guard(
    "a mark that was made anew is another one",
    "lib/services/remediation/plan.ts",
    "const named = held.filter(({ id }) => agreed.includes(id));",
    "const named = held.filter(() => agreed);",
    ENDS,
  ),
  guard(
    "a mark that was ended does not hold",
    "db/queries/sacrificial-mark.ts",
    "inArray(sacrificialMark.nodeId, [...nodeIds]),\n        isNull(sacrificialMark.endedAt),",
    "inArray(sacrificialMark.nodeId, [...nodeIds]),",
    MARKS,
  ),
  guard(
    "a mark does not end while a drill is decided about",
    "db/queries/sacrificial-mark.ts",
    '.for("share")',
    "",
    MARKS,
  ),
  guard(
    "a drill is not begun while something runs there",
    "lib/services/remediation/due.ts",
    "idle: drill !== undefined",
    "idle: false && drill !== undefined",
    MARKS,
  ),
  guard(
    "nothing more is begun when the mark is over",
    "lib/services/execution/record.ts",
    "if (lost !== null) throw new DrillOver(lost);",
    "",
    ENDS,
  ),
  guard(
    "what takes back is begun although the mark is over",
    "lib/services/execution/record.ts",
    "!step.verifies && step.rollsBack === null",
    "!step.verifies",
    ENDS,
  ),
  guard(
    "a drill whose mark is over is not let go on",
    "lib/services/remediation/operate.ts",
    'if (lost !== null) throw new ProblemError("remediation/not-sacrificial", lost);',
    "",
    ENDS,
  ),
  guard(
    "a pause that ran out is told once",
    "lib/services/remediation/expire-pauses.ts",
    "if (row.endedAt !== null)",
    gone,
    PAUSES,
  ),
  guard(
    "a review that was made is not told to be overdue",
    "lib/services/remediation/overdue-reviews.ts",
    'if (review.state !== "open")',
    gone,
    REVIEWS,
  ),
  guard(
    "an overdue review is told once",
    "lib/services/remediation/overdue-reviews.ts",
    "if (review.overdueToldAt !== null)",
    gone,
    REVIEWS,
  ),
  guard(
    "nothing acts by itself while a breaker is on",
    "lib/domain/automatic.ts",
    "breaker: facts.breaker,",
    "breaker: null,",
    "lib/domain/automatic.test.ts",
  ),
  guard(
    "a breaker is asked for before anything acts by itself",
    "lib/services/automatic/judge.ts",
    "breaker: incident ?",
    "breaker: incident && (false as boolean) ?",
    "lib/services/automatic/automatic.db.test.ts",
  ),
];
