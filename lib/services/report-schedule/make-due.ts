/** Making the reports that are due. */

import type { Db, Tx } from "#db/client";
import { auditInsert } from "#db/queries/audit";
import { reportCountUnderWay } from "#db/queries/report";
import {
  type ReportScheduleRow,
  runInsertAll,
  scheduleClaimDue,
  scheduleSet,
} from "#db/queries/report-schedule";
import { duePeriods, type Period } from "#lib/domain/report/schedule";
import { UNDER_WAY_MAX } from "#lib/services/report/ask";
import { uuidv7 } from "#lib/services/uuidv7";
import { announceMissed, announceRefused } from "./announce-report.ts";
import { makeReport } from "./make.ts";

/** When so many reports wait already, those that are due wait as well. */
const PUT_OFF_MS = 60_000;

/**
 * Handle what is due of one schedule.
 *
 * All of it is one transaction under the lock of the schedule: whoever dies in it leaves everything due as it was.
 *
 * @returns whether there was one
 */
export function makeDueReports(db: Db, now: Date): Promise<boolean> {
  return db.transaction(async (tx) => {
    const schedule = await scheduleClaimDue(tx, now);
    if (!schedule) return false;
    const due = duePeriods(schedule, schedule.handledTo.getTime(), now.getTime());
    const waiting = await reportCountUnderWay(tx, schedule.trustDomainId);
    if (waiting + due.make.length > UNDER_WAY_MAX) {
      await scheduleSet(tx, schedule, { nextAt: new Date(now.getTime() + PUT_OFF_MS) });
      return true;
    }
    await miss(tx, schedule, due.missed, now);
    for (const period of due.make) await make(tx, schedule, period, now);
    await scheduleSet(tx, schedule, { handledTo: new Date(due.handledTo), nextAt: new Date(due.nextAt) });
    return true;
  });
}

async function make(tx: Tx, schedule: ReportScheduleRow, period: Period, at: Date): Promise<void> {
  const made = await makeReport(tx, schedule, { period, askedBy: schedule.owner, at });
  const run = { ...runOf(schedule, period, at), ...made };
  if ("problem" in made) {
    await runInsertAll(tx, [{ ...run, state: "refused", toldAt: at }]);
    await announceRefused(tx, { schedule, period, problem: made.problem, at });
  } else await runInsertAll(tx, [{ ...run, state: "made" }]);
  await record(tx, schedule, at, { action: "report_schedule.run", after: { ...bounds(period), ...made } });
}

async function miss(tx: Tx, schedule: ReportScheduleRow, missed: readonly Period[], at: Date): Promise<void> {
  if (missed.length === 0) return;
  const runs = missed.map((period) => ({
    ...runOf(schedule, period, at),
    ...{ state: "missed" as const, toldAt: at },
  }));
  await runInsertAll(tx, runs);
  await announceMissed(tx, { schedule, missed, at });
  await record(tx, schedule, at, { action: "report_schedule.miss", after: { periods: missed.map(bounds) } });
}

const bounds = ({ from, to }: Period) => ({ periodFrom: new Date(from), periodTo: new Date(to) });

const runOf = ({ trustDomainId, id: scheduleId }: ReportScheduleRow, period: Period, at: Date) => ({
  ...{ trustDomainId, id: uuidv7(at), scheduleId, ...bounds(period), at },
});

async function record(
  tx: Tx,
  { trustDomainId, id }: ReportScheduleRow,
  at: Date,
  { action, after }: { action: string; after: { problem?: string } & Record<string, unknown> },
): Promise<void> {
  await auditInsert(tx, {
    ...{ trustDomainId, id: uuidv7(at), at, actorKind: "system", actorId: "reports" },
    ...{ action, entity: "report_schedule", entityId: id, before: null, after },
    ...{ outcome: after.problem === undefined ? "done" : "refused", problemCode: null },
    ...{ requestId: id, address: null },
  });
}
