/** Reports that were asked for are prepared. */
import { prepareNext } from "#lib/services/report/prepare";
import type { Job } from "./job.ts";

export const prepareReports = (tools: Parameters<typeof prepareNext>[0]["tools"]): Job => ({
  name: "prepare-reports",
  everyMs: 2_000,
  async run({ db, now }, signal) {
    return (await prepareNext({ db, tools, now, signal })) && !signal.aborted ? "more" : "idle";
  },
});
