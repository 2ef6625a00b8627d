/** Runs the jobs, each on its own timer, until told to stop. */
import { setTimeout as sleep } from "node:timers/promises";
import { applyLimits } from "./apply-limits.ts";
import { assessDrift } from "./assess-drift.ts";
import { compareShadow } from "./compare-shadow.ts";
import { containAutomatically } from "./contain-automatically.ts";
import { correlate } from "./correlate.ts";
import { decideAgain } from "./decide-again.ts";
import { deliverFacts } from "./deliver-facts.ts";
import { ensurePartitions } from "./ensure-partitions.ts";
import { executeRemediations } from "./execute.ts";
import { expireChangeRequests } from "./expire-changes.ts";
import { expireRemediationPauses } from "./expire-pauses.ts";
import { findClones } from "./find-clones.ts";
import { foldLifecycle, runLifecycleTimers } from "./fold-lifecycle.ts";
import { groupDrift } from "./group-drift.ts";
import type { Job, JobContext } from "./job.ts";
import { keepAuditLog } from "./keep-audit-log.ts";
import { learnCadence } from "./learn-cadence.ts";
import { markStale } from "./mark-stale.ts";
import { deliverNotifications, routeNotifications } from "./notify.ts";
import { forgetFeed, orderFeed } from "./order-facts.ts";
import { prepareReports } from "./prepare-reports.ts";
import { purgeAdmissionRecords } from "./purge-admission-records.ts";
import { purgeAnswers } from "./purge-answers.ts";
import { rederiveHistory } from "./rederive.ts";
import { retainVerdicts } from "./retain-verdicts.ts";
import { runRemediations } from "./run-remediations.ts";
import { scheduleReports } from "./schedule-reports.ts";
import { tellOfOverdueReviews } from "./tell-overdue-reviews.ts";
import { watchContained } from "./watch-containment.ts";
import { watchCoverage } from "./watch-coverage.ts";
import { watchExpected } from "./watch-expected.ts";
import { watchSources } from "./watch-sources.ts";

const JOBS: readonly Job[] = [
  markStale,
  assessDrift,
  foldLifecycle,
  runLifecycleTimers,
  ensurePartitions,
  retainVerdicts,
  learnCadence,
  applyLimits,
  watchSources,
  watchCoverage,
  expireChangeRequests,
  expireRemediationPauses,
  tellOfOverdueReviews,
  rederiveHistory,
  decideAgain,
  compareShadow,
  watchExpected,
  findClones,
  groupDrift,
  correlate,
  purgeAnswers,
  purgeAdmissionRecords,
  orderFeed,
  forgetFeed,
  scheduleReports,
];

/** What some jobs need beside the database. */
export type JobTools = {
  /** What signs the audit log, and where its file is. */
  auditLog: Parameters<typeof keepAuditLog>[0];
  /** Recipes and live targets. */
  remediation: Parameters<typeof runRemediations>[0];
  /** Connectors, and how this process claims what it executes. */
  execution: Parameters<typeof executeRemediations>[0];
  /** How people are told. */
  notify: Parameters<typeof deliverNotifications>[0];
  /** How other systems are told. */
  sinks: Parameters<typeof deliverFacts>[0];
  /** How reports are written. */
  reports: Parameters<typeof prepareReports>[0];
};

/** Every job there is. */
export function allJobs({
  auditLog,
  remediation,
  execution,
  notify,
  sinks,
  reports,
}: JobTools): readonly Job[] {
  return [
    ...JOBS,
    keepAuditLog(auditLog),
    runRemediations(remediation),
    executeRemediations(execution),
    watchContained(execution),
    containAutomatically({ remediation, connectors: execution.connectors }),
    routeNotifications(notify),
    deliverNotifications(notify),
    deliverFacts(sinks),
    prepareReports(reports),
  ];
}

export type WorkerLog = { error: (fields: object, message: string) => void };

/**
 * Start jobs.
 *
 * A failing job is logged and tried again at its next turn: its state is in the database.
 *
 * @returns resolves when every job has come to rest after `signal` aborted
 */
export async function startWorker(
  context: JobContext & { log: WorkerLog; signal: AbortSignal },
  jobs: readonly Job[],
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
