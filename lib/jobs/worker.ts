/** Runs the jobs, each on its own timer, until told to stop. */
import { setTimeout as sleep } from "node:timers/promises";
import { ensurePartitions } from "./ensure-partitions.ts";
import { foldLifecycle, runLifecycleTimers } from "./fold-lifecycle.ts";
import type { Job, JobContext } from "./job.ts";
import { markStale } from "./mark-stale.ts";

const JOBS: readonly Job[] = [markStale, foldLifecycle, runLifecycleTimers, ensurePartitions];

export type WorkerLog = { error: (fields: object, message: string) => void };

/**
 * Start all jobs.
 *
 * A failing job is logged and tried again at its next turn: its state is in the database.
 *
 * @returns resolves when every job has come to rest after `signal` aborted
 */
export async function startWorker(
  context: JobContext & { log: WorkerLog; signal: AbortSignal },
  jobs: readonly Job[] = JOBS,
): Promise<void> {
  await Promise.all(jobs.map((job) => runForever(job, context)));
}

async function runForever(
  job: Job,
  { log, signal, ...context }: JobContext & { log: WorkerLog; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    let outcome: "idle" | "more" = "idle";
    try {
      outcome = await job.run(context, signal);
    } catch (error) {
      log.error({ err: error, job: job.name }, "job failed");
    }
    if (outcome === "more") continue;
    await sleep(job.everyMs, undefined, { signal }).catch(() => {});
  }
}
