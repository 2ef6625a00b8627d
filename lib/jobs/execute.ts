/** What was approved and begun is done, one step after the other. */
import type { ExecutionTools } from "#lib/services/execution/lease";
import { workOnce } from "#lib/services/execution/work";
import type { Job } from "./job.ts";

export const executeRemediations = (tools: ExecutionTools): Job => ({
  name: "execute-remediations",
  everyMs: 1_000,
  async run({ db, now }, signal) {
    return (await workOnce(db, tools, now, signal)) ? "more" : "idle";
  },
});
