/** Requests of remediation expire, and what is approved and due is started. */
import { runDueRemediations } from "#lib/services/remediation/due";
import type { RemediationTools } from "#lib/services/remediation/tools";
import type { Job } from "./job.ts";

export const runRemediations = (tools: RemediationTools): Job => ({
  name: "run-remediations",
  everyMs: 2_000,
  async run({ db, now }) {
    const { changed, full } = await runDueRemediations(db, tools, now);
    // Those that wait are looked at again; only when some were settled may others have come within reach.
    return full && changed > 0 ? "more" : "idle";
  },
});
