/** Having the report of the last whole period made out of turn. */
import { z } from "zod";
import { reportCountUnderWay } from "#db/queries/report";
import { runInsertAll } from "#db/queries/report-schedule";
import { ProblemError } from "#lib/domain/problems";
import { lastOver } from "#lib/domain/report/schedule";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import { UNDER_WAY_MAX } from "#lib/services/report/ask";
import { uuidv7 } from "#lib/services/uuidv7";
import { makeReport } from "./make.ts";
import { lockOwn } from "./schedule.ts";
import { ScheduleId } from "./schedule-id.ts";

/**
 * In the caller's name. What is due stays due: this one comes besides, and everybody is told of it as well.
 *
 * @throws {ProblemError} `report-schedule/not-found`, `auth/forbidden`, `report/too-many`
 */
export const runReportSchedule = command({
  name: "report_schedule.run",
  permission: "export:read",
  input: z.strictObject(ScheduleId),
  target: ({ scheduleId }) => scheduleId,
  async run(tx, ctx, { scheduleId }) {
    const person = personActor(ctx.actor);
    const row = await lockOwn(tx, ctx.actor, scheduleId);
    const { trustDomainId } = row;
    if ((await reportCountUnderWay(tx, trustDomainId)) >= UNDER_WAY_MAX) {
      throw new ProblemError("report/too-many", "Wait for the reports that are under way, or cancel one.");
    }
    const at = ctx.now();
    const period = lastOver(row.every, at.getTime());
    const made = await makeReport(tx, row, { period, askedBy: person.id, at });
    if ("problem" in made) throw new ProblemError("auth/forbidden", made.problem);
    const id = uuidv7(at);
    const periods = { periodFrom: new Date(period.from), periodTo: new Date(period.to) };
    await runInsertAll(tx, [
      { ...{ trustDomainId, id, scheduleId, ...periods, at, askedBy: person.id, state: "made" }, ...made },
    ]);
    return {
      result: { id, ...made },
      audit: {
        ...{ trustDomainId, entity: "report_schedule", entityId: row.id, before: null },
        after: { ...periods, ...made },
      },
    };
  },
});
