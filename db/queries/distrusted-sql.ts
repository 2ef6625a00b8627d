/** Verdicts that do not count because people distrust the key that vouched for them. */
import { type SQL, sql } from "drizzle-orm";
import { arrived } from "./time-sql.ts";

/** Whether the newest decision about the key of verdict `v`, of those that satisfy a condition on `r`, drops it. */
const droppedBy = (v: SQL, decided: SQL): SQL => sql`EXISTS (SELECT FROM (
    SELECT r.since FROM rederivation r
    WHERE r.trust_domain_id = ${v}.trust_domain_id AND r.source_id = ${v}.source_id AND r.kid = ${v}.kid
      AND ${decided}
    ORDER BY r.recorded_at DESC LIMIT 1
  ) rule WHERE ${v}.observed_at >= rule.since OR ${v}.received_at >= rule.since)`;

/** Whether a verdict was distrusted at an instant; `null` = is now. */
export const distrusted = (v: SQL, knownAt: Date | null): SQL =>
  droppedBy(v, arrived(sql`r.recorded_at`, knownAt));

/**
 * Whether a verdict of a lane's interval `i` does not count in it.
 *
 * History follows a decision within minutes. Until it has, intervals that were recorded before stand with
 * all their verdicts, as the pages showed them.
 */
export const droppedFrom = (v: SQL, knownAt: Date | null): SQL =>
  droppedBy(
    v,
    sql`(r.recorded_at <= i.recorded_from OR (r.finished_at IS NOT NULL AND ${arrived(sql`r.finished_at`, knownAt)}))`,
  );
