/** What isolates nodes is read back, for as long as they are to be isolated. */
import type { ExecutionTools } from "#lib/services/execution/lease";
import { watchContainment } from "#lib/services/execution/watch";
import type { Job } from "./job.ts";

export const watchContained = (tools: ExecutionTools): Job => ({
  name: "watch-containment",
  everyMs: 10_000,
  async run({ db, now }, signal) {
    await watchContainment(db, tools, now, signal);
    return "idle";
  },
});
