/** The two times of a question as conditions: what was true at an instant, and what was known at one. */
import { type SQL, sql } from "drizzle-orm";
import { instant } from "./sql.ts";

/** When is asked about. */
export type TimePoint = {
  /** Valid time; `null` = now. */
  asOf: Date | null;
  /** Recorded time; `null` = now. Never before `asOf`. */
  knownAt: Date | null;
  now: Date;
};

/** The valid instant that is asked for. */
export const validAt = ({ asOf, now }: TimePoint): Date => asOf ?? now;

/** Intervals that were believed at an instant; `null` = that are believed now. */
export const believed = (interval: SQL, knownAt: Date | null): SQL =>
  knownAt
    ? sql`${interval}.recorded_from <= ${instant(knownAt)}
        AND (${interval}.recorded_to IS NULL OR ${interval}.recorded_to > ${instant(knownAt)})`
    : sql`${interval}.recorded_to IS NULL`;

/** Intervals that hold an instant; they are half-open. */
export const covers = (interval: SQL, at: Date): SQL =>
  sql`${interval}.valid_from <= ${instant(at)} AND (${interval}.valid_to IS NULL OR ${interval}.valid_to > ${instant(at)})`;

/** Rows of a log that had arrived by an instant; `null` = all. */
export const arrived = (column: SQL, knownAt: Date | null): SQL =>
  knownAt ? sql`${column} <= ${instant(knownAt)}` : sql`TRUE`;

/** Rows of a log that are dated at or before an instant; `null` = all. */
export const upTo = (column: SQL, asOf: Date | null): SQL =>
  asOf ? sql`${column} <= ${instant(asOf)}` : sql`TRUE`;
