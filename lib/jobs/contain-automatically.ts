/** Failures of nodes are judged for containment without a person, where that is on. */
import { type AutomaticTools, judgeFailures } from "#lib/services/automatic/judge";
import type { Job } from "./job.ts";

export const containAutomatically = (tools: AutomaticTools): Job => ({
  name: "contain-automatically",
  everyMs: 2_000,
  async run({ db, now }, signal) {
    await judgeFailures(db, tools, now, signal);
    return "idle";
  },
});
