/** Schedules of reports with what became of them and what comes next, and what a person was told of. */
import { type ListedRun, noticesOf, runsNewest, scheduleList } from "#db/queries/report-schedule";
import { emailsOf } from "#db/queries/user";
import type {
  ReportNoticeList,
  ReportRunView,
  ReportScheduleList,
  ReportScheduleView,
} from "#lib/contracts/report-schedule";
import { frameworkById } from "#lib/domain/measure/frameworks";
import { comingPeriods, dueAt } from "#lib/domain/report/schedule";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso } from "#lib/services/instant";
import { mayChange, noSchedule } from "./schedule.ts";

/** Periods that the history of a schedule goes back, and that are foretold. */
const RUNS_SHOWN = 20;
const NEXT_SHOWN = 3;
const NOTICE_MS = 30 * 86_400_000;
const NOTICES_SHOWN = 20;

/** @throws {ProblemError} `auth/forbidden` */
export async function reportSchedules(ctx: ServiceContext): Promise<ReportScheduleList> {
  return { items: await views(ctx) };
}

/** @throws {ProblemError} `auth/forbidden`, `report-schedule/not-found` */
export async function reportSchedule(
  ctx: ServiceContext,
  { scheduleId }: { scheduleId: string },
): Promise<ReportScheduleView> {
  const [view] = await views(ctx, scheduleId);
  if (!view) throw noSchedule();
  return view;
}

/** @throws {ProblemError} `auth/forbidden` */
export async function reportNotices(ctx: ServiceContext): Promise<ReportNoticeList> {
  const scope = readScope(ctx, "compliance:read");
  if (ctx.actor.kind !== "user") return { items: [] };
  const since = new Date(ctx.now().getTime() - NOTICE_MS);
  const rows = await noticesOf(ctx.db, scope, { userId: ctx.actor.id, since, limit: NOTICES_SHOWN });
  return {
    items: rows.map(({ periodFrom, periodTo, toldAt, ...row }) => ({
      ...row,
      period: { from: periodFrom.toISOString(), to: periodTo.toISOString() },
      toldAt: toldAt.toISOString(),
    })),
  };
}

async function views(ctx: ServiceContext, id?: string): Promise<ReportScheduleView[]> {
  const found = await scheduleList(ctx.db, readScope(ctx, "compliance:read"), id);
  const rows = found.map(({ row }) => row);
  const runs = await runsNewest(ctx.db, rows, RUNS_SHOWN);
  const emails = await emailsOf(ctx.db, [...new Set(rows.flatMap(({ recipients }) => recipients))]);
  return found.map(({ row, trustDomain, ownerEmail }) => {
    const { name, q, every, dueDays, dueHour, formats, revision } = row;
    const framework = row.framework === null ? undefined : frameworkById(row.framework);
    return {
      ...{ id: row.id, name, q, every, dueDays, dueHour, formats, revision },
      trustDomain: { id: row.trustDomainId, name: trustDomain },
      framework: framework ? { id: framework.id, title: framework.title } : null,
      recipients: row.recipients.map((userId) => ({ id: userId, email: emails.get(userId) ?? userId })),
      owner: { id: row.owner, email: ownerEmail },
      createdAt: row.createdAt.toISOString(),
      pausedAt: row.pausedAt?.toISOString() ?? null,
      mayChange: mayChange(ctx.actor, row),
      next:
        row.pausedAt === null
          ? comingPeriods(row, row.handledTo.getTime(), NEXT_SHOWN).map(({ from, to }) => ({
              ...{ from: iso(from), to: iso(to) },
              dueAt: iso(dueAt(row, { from, to })),
            }))
          : [],
      runs: runs.filter(({ scheduleId }) => scheduleId === row.id).map(runView),
    };
  });
}

function runView(run: ListedRun): ReportRunView {
  const { id, periodFrom, periodTo, at, askedByEmail, reportId, toldAt, told, notTold } = run;
  const states = { refused: "REFUSED", missed: "MISSED", made: run.reportState ?? "WAITING" } as const;
  return {
    ...{
      id,
      reportId,
      told,
      notTold,
      askedBy: askedByEmail,
      at: at.toISOString(),
      toldAt: toldAt?.toISOString() ?? null,
    },
    period: { from: periodFrom.toISOString(), to: periodTo.toISOString() },
    state: states[run.state],
    problem: run.problem ?? run.reportProblem,
  };
}
