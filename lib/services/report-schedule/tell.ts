/** Telling of scheduled reports once they have ended: people by a notice of their own, channels by the routes. */
import type { Db, Tx } from "#db/client";
import { type ReportScheduleRow, runClaimUntold, runTold } from "#db/queries/report-schedule";
import { isReady } from "#lib/domain/report/report";
import { holderNow } from "#lib/services/change-request/person";
import { announceReady, announceRefused } from "./announce-report.ts";

/** Tell of one report that has ended. @returns whether there was one */
export function tellNext(db: Db, at: Date): Promise<boolean> {
  return db.transaction(async (tx) => {
    const found = await runClaimUntold(tx);
    if (!found) return false;
    const { run, schedule, report } = found;
    const { digest } = report;
    const ready = isReady(report.state) && digest !== null;
    await runTold(tx, run, ready ? await noticesFor(tx, schedule, at) : [], at);
    if (ready) {
      const { id, title } = report;
      const partial = report.state === "PARTIAL";
      await announceReady(tx, { schedule, at, report: { id, title, digest, partial } });
    } else if (report.state === "FAILED") {
      const period = { from: run.periodFrom.getTime(), to: run.periodTo.getTime() };
      const problem = report.problem ?? "It failed.";
      await announceRefused(tx, { schedule, period, problem, reportId: report.id, at });
    }
    return true;
  });
}

/** Whoever may not read it any more is not told, and that is kept as well. */
async function noticesFor(
  tx: Tx,
  { recipients, trustDomainId }: ReportScheduleRow,
  at: Date,
): Promise<{ userId: string; told: boolean }[]> {
  const notices: { userId: string; told: boolean }[] = [];
  for (const userId of recipients) {
    const holder = await holderNow(tx, userId, trustDomainId, "compliance:read", at);
    notices.push({ userId, told: holder?.holds ?? false });
  }
  return notices;
}
