/** Pausing a schedule of reports, taking it up again, and removing it. */
import { z } from "zod";
import { scheduleSet } from "#db/queries/report-schedule";
import { PauseReportScheduleBody, type ReportScheduleChanged } from "#lib/contracts/report-schedule";
import { beginningWith } from "#lib/domain/report/schedule";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { lockOwn, nextAfter } from "./schedule.ts";
import { ScheduleId } from "./schedule-id.ts";

type Input = { scheduleId: string; paused: boolean };

/** @throws {ProblemError} `report-schedule/not-found`, `auth/forbidden` */
export function pauseReportSchedule(ctx: ServiceContext, input: Input): Promise<ReportScheduleChanged> {
  return input.paused ? pause(ctx, input) : resume(ctx, input);
}

const spec = {
  permission: "export:read",
  input: PauseReportScheduleBody.extend(ScheduleId),
  target: ({ scheduleId }: Input) => scheduleId,
} as const;

const pause = command({
  ...spec,
  name: "report_schedule.pause",
  async run(tx, { actor, now }, { scheduleId }) {
    const row = await lockOwn(tx, actor, scheduleId);
    const pausedAt = row.pausedAt ?? now();
    await scheduleSet(tx, row, { pausedAt });
    return done(row, { pausedAt: row.pausedAt }, { pausedAt });
  },
});

/** What came due in between was not wanted, and is not made up for. */
const resume = command({
  ...spec,
  name: "report_schedule.resume",
  async run(tx, { actor, now }, { scheduleId }) {
    const row = await lockOwn(tx, actor, scheduleId);
    const before = row.handledTo.getTime();
    const handledTo = row.pausedAt === null ? before : beginningWith(row, now().getTime(), before);
    const set = { pausedAt: null, handledTo: new Date(handledTo), nextAt: nextAfter(row, handledTo) };
    await scheduleSet(tx, row, set);
    return done(row, { pausedAt: row.pausedAt }, set);
  },
});

/** Its reports stay. @throws {ProblemError} `report-schedule/not-found`, `auth/forbidden` */
export const removeReportSchedule = command({
  name: "report_schedule.remove",
  permission: "export:read",
  input: z.strictObject(ScheduleId),
  target: ({ scheduleId }) => scheduleId,
  async run(tx, { actor, now }, { scheduleId }) {
    const row = await lockOwn(tx, actor, scheduleId);
    const removedAt = now();
    await scheduleSet(tx, row, { removedAt });
    return done(row, { name: row.name }, { removedAt });
  },
});

const done = (
  { trustDomainId, id }: { trustDomainId: string; id: string },
  before: unknown,
  after: unknown,
) => ({
  result: { id },
  audit: { trustDomainId, entity: "report_schedule", entityId: id, before, after },
});
