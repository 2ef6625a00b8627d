/** Reports that are due are asked for, and people are told of those that have ended. */
import { makeDueReports } from "#lib/services/report-schedule/make-due";
import { tellNext } from "#lib/services/report-schedule/tell";
import type { Job } from "./job.ts";

export const scheduleReports: Job = {
  name: "schedule-reports",
  everyMs: 5_000,
  async run({ db, now }) {
    const made = await makeDueReports(db, now());
    const told = await tellNext(db, now());
    return made || told ? "more" : "idle";
  },
};
