/** Exceptions from baselines. They are made by ignoring drift. */
import { z } from "zod";
import { Instant, Uuid } from "./common.ts";
import { presentQuery } from "./time.ts";

export const EXCEPTION_LISTS = ["live", "unused", "over", "all"] as const;

export const ExceptionListQuery = z.strictObject({
  /** `unused` = live for a week or more and never matched anything. */
  list: z.enum(EXCEPTION_LISTS).default("live"),
  ...presentQuery("this is what holds now; each exception says when it was made, expires and ended."),
});
export type ExceptionListQuery = z.infer<typeof ExceptionListQuery>;

export const ExceptionView = z.strictObject({
  id: Uuid,
  /** RE2, of the whole path. */
  pattern: z.string(),
  /** `null` = every baseline. */
  baseline: z.strictObject({ id: Uuid, name: z.string() }).nullable(),
  /** CEL over the node; empty = every node. */
  selector: z.string(),
  reason: z.string(),
  state: z.enum(["live", "expired", "ended"]),
  unused: z.boolean(),
  createdAt: Instant,
  createdBy: z.string().nullable(),
  expiresAt: Instant,
  ended: z.strictObject({ at: Instant, by: z.string().nullable() }).nullable(),
  matches: z.int(),
  lastMatchAt: Instant.nullable(),
});
export type ExceptionView = z.infer<typeof ExceptionView>;

/** At most 500, those that expire first before others; the counts are complete. */
export const ExceptionList = z.strictObject({
  items: z.array(ExceptionView),
  counts: z.record(z.enum(EXCEPTION_LISTS), z.int()),
});
export type ExceptionList = z.infer<typeof ExceptionList>;

export const ExceptionEnded = z.strictObject({ id: Uuid, endedAt: Instant });
export type ExceptionEnded = z.infer<typeof ExceptionEnded>;
