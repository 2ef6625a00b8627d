/** Old records of admission are removed: what was decided stays derivable from history, who asked is of use for a month. */
import { admissionRecordPurge } from "#db/queries/admission-record";
import type { Job } from "./job.ts";

const KEPT_MS = 30 * 86_400_000;

export const purgeAdmissionRecords: Job = {
  name: "purge-admission-records",
  everyMs: 60 * 60_000,
  async run({ db, now }) {
    await admissionRecordPurge(db, new Date(now().getTime() - KEPT_MS));
    return "idle";
  },
};
