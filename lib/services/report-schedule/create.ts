/** Adding a schedule of reports. */
import { scheduleCount, scheduleInsert } from "#db/queries/report-schedule";
import { CreateReportScheduleBody, SCHEDULES_MAX } from "#lib/contracts/report-schedule";
import { ProblemError } from "#lib/domain/problems";
import { beginningWith } from "#lib/domain/report/schedule";
import { personActor } from "#lib/services/change-request/person";
import { command } from "#lib/services/command";
import { presently } from "#lib/services/compliance/framework-of";
import { domainFor } from "#lib/services/domain";
import { readScope } from "#lib/services/guard";
import { uuidv7 } from "#lib/services/uuidv7";
import { checkScope } from "./check-scope.ts";
import { recipientIds } from "./recipients.ts";
import { audited, formatsWanted, nameTaken, nextAfter } from "./schedule.ts";

/**
 * About the caller's trust domain and those below it, in the caller's name, from the next period on that comes due.
 *
 * @throws {ProblemError} `request/invalid`, `compliance/unknown-framework`, `compliance/framework-retired`,
 *   `report-schedule/name-taken`, `report-schedule/too-many`
 */
export const createReportSchedule = command({
  name: "report_schedule.create",
  permission: "export:read",
  input: CreateReportScheduleBody,
  target: ({ name }) => name,
  async run(tx, ctx, input) {
    const person = personActor(ctx.actor);
    const trustDomainId = domainFor({ ...person, trustDomainIds: readScope(ctx, "compliance:read") });
    const at = ctx.now();
    await checkScope(tx, { ...input, trustDomainId }, presently(at));
    if ((await scheduleCount(tx, trustDomainId)) >= SCHEDULES_MAX) {
      throw new ProblemError("report-schedule/too-many", `There are ${SCHEDULES_MAX} schedules already.`);
    }
    const handledTo = beginningWith(input, at.getTime(), null);
    const row = {
      ...{ trustDomainId, id: uuidv7(at), name: input.name, framework: input.framework, q: input.q },
      ...{ every: input.every, dueDays: input.dueDays, dueHour: input.dueHour },
      formats: formatsWanted(input.formats),
      recipients: await recipientIds(tx, input.recipients, trustDomainId, at),
      ...{ owner: person.id, revision: 1, createdAt: at, pausedAt: null, removedAt: null },
      ...{ handledTo: new Date(handledTo), nextAt: nextAfter(input, handledTo) },
    };
    if (!(await scheduleInsert(tx, row))) throw nameTaken(row.name);
    return {
      result: { id: row.id },
      audit: {
        trustDomainId,
        entity: "report_schedule",
        entityId: row.id,
        before: null,
        after: audited(row),
      },
    };
  },
});
