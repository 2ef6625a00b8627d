/** How long an installation keeps verdicts. */
import { z } from "zod";

export const RetentionBody = z.strictObject({
  /** Days that rows of the verdict log are kept. */
  verdictDays: z.int().min(7).max(36_500).optional(),
  /** Days that the received bytes of repeats are kept. */
  rawDays: z.int().min(1).max(36_500).optional(),
});
export type RetentionBody = z.input<typeof RetentionBody>;

export type RetentionView = { verdictDays: number; rawDays: number };
