/** Pauses of remediation whose time is over are told to be over. */
import { expirePauses } from "#lib/services/remediation/expire-pauses";
import type { Job } from "./job.ts";

export const expireRemediationPauses: Job = {
  name: "expire-pauses",
  everyMs: 15_000,
  async run({ db, now }) {
    return (await expirePauses(db, now)).full ? "more" : "idle";
  },
};
