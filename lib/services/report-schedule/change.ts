/** Changing a schedule of reports: what is asked, when, for whom, and in whose name. */
import { scheduleSet } from "#db/queries/report-schedule";
import { ChangeReportScheduleBody } from "#lib/contracts/report-schedule";
import { ProblemError } from "#lib/domain/problems";
import { beginningWith } from "#lib/domain/report/schedule";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import { presently } from "#lib/services/compliance/framework-of";
import { whenTaken } from "#lib/services/when-taken";
import { checkScope } from "./check-scope.ts";
import { recipientIds } from "./recipients.ts";
import { audited, formatsWanted, lockOwn, nameTaken, nextAfter } from "./schedule.ts";
import { ScheduleId } from "./schedule-id.ts";

/**
 * What was handled is not handled again. With another kind of period it begins anew: with the first one that comes due.
 *
 * @throws {ProblemError} `report-schedule/not-found`, `report-schedule/changed`, `report-schedule/name-taken`,
 *   `auth/forbidden`, `request/invalid`, `compliance/unknown-framework`, `compliance/framework-retired`
 */
export const changeReportSchedule = command({
  name: "report_schedule.change",
  permission: "export:read",
  input: ChangeReportScheduleBody.extend(ScheduleId),
  target: ({ scheduleId }) => scheduleId,
  async run(tx, ctx, { scheduleId, revision, takeOver, ...input }) {
    const person = personActor(ctx.actor);
    const at = ctx.now();
    const row = await lockOwn(tx, ctx.actor, scheduleId);
    await checkScope(tx, { ...input, trustDomainId: row.trustDomainId }, presently(at));
    if (row.revision !== revision) {
      throw new ProblemError("report-schedule/changed", "Somebody changed it since you read it.");
    }
    const before = row.handledTo.getTime();
    const handledTo = input.every === row.every ? before : beginningWith(input, at.getTime(), before);
    const set = {
      ...{ name: input.name, framework: input.framework, q: input.q },
      ...{ every: input.every, dueDays: input.dueDays, dueHour: input.dueHour },
      formats: formatsWanted(input.formats),
      recipients: await recipientIds(tx, input.recipients, row.trustDomainId, at),
      owner: takeOver ? person.id : row.owner,
      revision: revision + 1,
      ...{ handledTo: new Date(handledTo), nextAt: nextAfter(input, handledTo) },
    };
    await scheduleSet(tx, row, set).catch(whenTaken(nameTaken(input.name)));
    return {
      result: { id: row.id },
      audit: {
        ...{ trustDomainId: row.trustDomainId, entity: "report_schedule", entityId: row.id },
        ...{ before: audited(row), after: audited({ ...row, ...set }) },
      },
    };
  },
});
