/** Answers that nobody may ask for again are removed. */
import { idempotencyPurge } from "#db/queries/idempotency";
import { ANSWER_KEPT_MS } from "#lib/services/idempotency/answer-once";
import type { Job } from "./job.ts";

const BATCH = 1_000;

export const purgeAnswers: Job = {
  name: "purge-answers",
  everyMs: 10 * 60_000,
  async run({ db, now }) {
    const removed = await idempotencyPurge(db, new Date(now().getTime() - ANSWER_KEPT_MS), BATCH);
    return removed === BATCH ? "more" : "idle";
  },
};
