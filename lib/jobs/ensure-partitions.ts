/** Partitions of the verdict log for today and the days after, made before anything needs them. */
import { ensureVerdictDays } from "#db/queries/retention";
import type { Job } from "./job.ts";

const DAY_MS = 86_400_000;
/** Today, and as many days after it as an outage of the worker may take. */
const DAYS_AHEAD = 7;

export const ensurePartitions: Job = {
  name: "ensure-partitions",
  everyMs: 6 * 3_600_000,
  async run({ db, now }) {
    const at = now();
    const days = Array.from({ length: DAYS_AHEAD + 1 }, (_, ahead) =>
      new Date(at.getTime() + ahead * DAY_MS).toISOString().slice(0, 10),
    );
    await ensureVerdictDays(db.$client, days, at);
    return "idle";
  },
};
