/** Change requests whose time is over become `expired`. */
import { expireChanges } from "#lib/services/change-request/expire";
import type { Job } from "./job.ts";

export const expireChangeRequests: Job = {
  name: "expire-changes",
  everyMs: 15_000,
  async run({ db, now }) {
    return (await expireChanges(db, now)).full ? "more" : "idle";
  },
};
