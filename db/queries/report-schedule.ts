/** Schedules of reports: whose turn it is, what became of each period, and who was told. */
import { and, asc, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { trustDomain } from "#db/schema/fleet";
import { appUser } from "#db/schema/people";
import { report } from "#db/schema/report";
import { reportNotice, reportSchedule, reportScheduleRun } from "#db/schema/report-schedule";
import { instant, rowsOf, type Scope, uuids } from "./sql.ts";

export type ReportScheduleRow = typeof reportSchedule.$inferSelect;
export type ReportRunRow = typeof reportScheduleRun.$inferSelect;
type ScheduleKey = Pick<ReportScheduleRow, "trustDomainId" | "id">;

const isOne = ({ trustDomainId, id }: ScheduleKey) =>
  and(eq(reportSchedule.trustDomainId, trustDomainId), eq(reportSchedule.id, id));
const present = (scope: Scope) =>
  and(inArray(reportSchedule.trustDomainId, [...scope]), isNull(reportSchedule.removedAt));

/** With the name of the domain, by name. */
export async function scheduleList(conn: Conn, scope: Scope, id?: string) {
  return conn
    .select({ row: reportSchedule, trustDomain: trustDomain.name, ownerEmail: appUser.email })
    .from(reportSchedule)
    .innerJoin(trustDomain, eq(trustDomain.id, reportSchedule.trustDomainId))
    .innerJoin(appUser, eq(appUser.id, reportSchedule.owner))
    .where(and(present(scope), id === undefined ? undefined : eq(reportSchedule.id, id)))
    .orderBy(asc(reportSchedule.name), asc(reportSchedule.id));
}

/** Locked until the transaction ends. */
export async function scheduleLock(tx: Tx, scope: Scope, id: string): Promise<ReportScheduleRow | undefined> {
  const [row] = await tx
    .select()
    .from(reportSchedule)
    .where(and(present(scope), eq(reportSchedule.id, id)))
    .for("update");
  return row;
}

/** @returns false when the name is taken */
export async function scheduleInsert(tx: Tx, row: typeof reportSchedule.$inferInsert): Promise<boolean> {
  const inserted = await tx
    .insert(reportSchedule)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: reportSchedule.id });
  return inserted.length > 0;
}

export async function scheduleCount(tx: Tx, trustDomainId: string): Promise<number> {
  return tx.$count(reportSchedule, present([trustDomainId]));
}

export async function scheduleSet(tx: Tx, key: ScheduleKey, set: Partial<ReportScheduleRow>): Promise<void> {
  await tx.update(reportSchedule).set(set).where(isOne(key));
}

/** The one that is due longest, locked; one that another worker holds is passed over. */
export async function scheduleClaimDue(tx: Tx, now: Date): Promise<ReportScheduleRow | undefined> {
  const [row] = await tx
    .select()
    .from(reportSchedule)
    .where(
      and(
        isNull(reportSchedule.pausedAt),
        isNull(reportSchedule.removedAt),
        sql`${reportSchedule.nextAt} <= ${instant(now)}`,
      ),
    )
    .orderBy(asc(reportSchedule.nextAt), asc(reportSchedule.id))
    .limit(1)
    .for("update", { skipLocked: true });
  return row;
}

export async function runInsertAll(
  tx: Tx,
  rows: readonly (typeof reportScheduleRun.$inferInsert)[],
): Promise<void> {
  if (rows.length > 0) await tx.insert(reportScheduleRun).values([...rows]);
}

/** How a run is joined with the report that it made, and with its schedule. */
const ITS_REPORT = and(
  eq(report.trustDomainId, reportScheduleRun.trustDomainId),
  eq(report.id, reportScheduleRun.reportId),
);
const ITS_SCHEDULE = and(
  eq(reportSchedule.trustDomainId, reportScheduleRun.trustDomainId),
  eq(reportSchedule.id, reportScheduleRun.scheduleId),
);

export type ListedRun = ReportRunRow & {
  askedByEmail: string | null;
  reportState: typeof report.$inferSelect.state | null;
  reportProblem: string | null;
  told: string[];
  notTold: string[];
};

/** The newest runs of each schedule. */
export async function runsNewest(
  conn: Conn,
  keys: readonly ScheduleKey[],
  limit: number,
): Promise<ListedRun[]> {
  if (keys.length === 0) return [];
  const newest = await rowsOf<{ id: string }>(
    conn,
    sql`SELECT r.id FROM unnest(${uuids(keys.map(({ trustDomainId }) => trustDomainId))},
          ${uuids(keys.map(({ id }) => id))}) AS s (trust_domain_id, id)
        CROSS JOIN LATERAL (
          SELECT id FROM report_schedule_run
          WHERE trust_domain_id = s.trust_domain_id AND schedule_id = s.id
          ORDER BY at DESC, id DESC LIMIT ${limit}
        ) r`,
  );
  const emails = (told: boolean) => sql<string[]>`ARRAY(
    SELECT u.email FROM report_notice n JOIN app_user u ON u.id = n.user_id
    WHERE n.trust_domain_id = ${reportScheduleRun.trustDomainId} AND n.run_id = ${reportScheduleRun.id}
      AND n.told = ${told} ORDER BY u.email)`;
  const rows = await conn
    .select({
      row: reportScheduleRun,
      askedByEmail: appUser.email,
      reportState: report.state,
      reportProblem: report.problem,
      told: emails(true),
      notTold: emails(false),
    })
    .from(reportScheduleRun)
    .leftJoin(appUser, eq(appUser.id, reportScheduleRun.askedBy))
    .leftJoin(report, ITS_REPORT)
    .where(
      and(
        inArray(reportScheduleRun.trustDomainId, [
          ...new Set(keys.map(({ trustDomainId }) => trustDomainId)),
        ]),
        inArray(
          reportScheduleRun.id,
          newest.map(({ id }) => id),
        ),
      ),
    )
    .orderBy(desc(reportScheduleRun.periodTo), desc(reportScheduleRun.at), desc(reportScheduleRun.id));
  return rows.map(({ row, ...more }) => ({ ...row, ...more }));
}

/** A run whose report has ended and of which nobody was told yet, locked. */
export async function runClaimUntold(tx: Tx) {
  const [found] = await tx
    .select({
      run: reportScheduleRun,
      schedule: reportSchedule,
      report: {
        id: report.id,
        state: report.state,
        title: report.title,
        problem: report.problem,
        digest: report.digest,
      },
    })
    .from(reportScheduleRun)
    .innerJoin(report, ITS_REPORT)
    .innerJoin(reportSchedule, ITS_SCHEDULE)
    .where(
      and(
        isNull(reportScheduleRun.toldAt),
        eq(reportScheduleRun.state, "made"),
        inArray(report.state, ["READY", "PARTIAL", "FAILED", "CANCELLED"]),
      ),
    )
    .orderBy(asc(reportScheduleRun.at), asc(reportScheduleRun.id))
    .limit(1)
    .for("update", { of: reportScheduleRun, skipLocked: true });
  return found;
}

export async function runTold(
  tx: Tx,
  { trustDomainId, id }: Pick<ReportRunRow, "trustDomainId" | "id">,
  notices: readonly { userId: string; told: boolean }[],
  at: Date,
): Promise<void> {
  await tx
    .update(reportScheduleRun)
    .set({ toldAt: at })
    .where(and(eq(reportScheduleRun.trustDomainId, trustDomainId), eq(reportScheduleRun.id, id)));
  if (notices.length === 0) return;
  const rows = notices.map(({ userId, told }) => ({ trustDomainId, runId: id, userId, told, at }));
  await tx.insert(reportNotice).values(rows);
}

/** Reports that a person was told of since an instant and may still read, the newest first. */
export async function noticesOf(
  conn: Conn,
  scope: Scope,
  { userId, since, limit }: { userId: string; since: Date; limit: number },
) {
  return conn
    .select({
      reportId: report.id,
      title: report.title,
      schedule: reportSchedule.name,
      periodFrom: report.periodFrom,
      periodTo: report.periodTo,
      toldAt: reportNotice.at,
    })
    .from(reportNotice)
    .innerJoin(
      reportScheduleRun,
      and(
        eq(reportScheduleRun.trustDomainId, reportNotice.trustDomainId),
        eq(reportScheduleRun.id, reportNotice.runId),
      ),
    )
    .innerJoin(reportSchedule, ITS_SCHEDULE)
    .innerJoin(report, ITS_REPORT)
    .where(
      and(
        inArray(reportNotice.trustDomainId, [...scope]),
        eq(reportNotice.userId, userId),
        eq(reportNotice.told, true),
        sql`${reportNotice.at} >= ${instant(since)}`,
        sql`${report.domains} <@ ${uuids(scope)}`,
      ),
    )
    .orderBy(desc(reportNotice.at), desc(report.id))
    .limit(limit);
}

/** Accounts with these addresses that are in use. */
export async function accountsByEmail(
  conn: Conn,
  emails: readonly string[],
): Promise<{ id: string; email: string }[]> {
  return conn
    .select({ id: appUser.id, email: appUser.email })
    .from(appUser)
    .where(and(inArray(appUser.email, [...emails]), isNull(appUser.disabledAt)))
    .orderBy(asc(appUser.id));
}
