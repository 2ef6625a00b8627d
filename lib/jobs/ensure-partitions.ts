/** Partitions of the verdict log for this month and the next, made before anything needs them. */
import { ensureVerdictPartitions } from "#db/queries/ingest-verdicts";
import type { Job } from "./job.ts";

export const ensurePartitions: Job = {
  name: "ensure-partitions",
  everyMs: 6 * 3_600_000,
  async run({ db, now }) {
    const at = now();
    const next = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1));
    await ensureVerdictPartitions(
      db.$client,
      [at, next].map((month) => month.toISOString().slice(0, 7)),
    );
    return "idle";
  },
};
