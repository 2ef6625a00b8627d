/** Reviews that nobody made in time are told of once more. */
import { tellOverdueReviews } from "#lib/services/remediation/overdue-reviews";
import type { Job } from "./job.ts";

export const tellOfOverdueReviews: Job = {
  name: "tell-overdue-reviews",
  everyMs: 15_000,
  async run({ db, now }) {
    return (await tellOverdueReviews(db, now)).full ? "more" : "idle";
  },
};
