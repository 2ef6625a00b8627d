/** What the use cases with schedules share. */
import type { Tx } from "#db/client";
import { type ReportScheduleRow, scheduleLock } from "#db/queries/report-schedule";
import { type Actor, narrowed } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { REPORT_FORMATS, type ReportFormatId } from "#lib/domain/report/report";
import { comingPeriods, dueAt, type ScheduleRule } from "#lib/domain/report/schedule";

export const noSchedule = () => new ProblemError("report-schedule/not-found", "There is no such schedule.");

export const nameTaken = (name: string) =>
  new ProblemError("report-schedule/name-taken", `There is a schedule called "${name}" already.`);

/** Whoever a schedule belongs to, and whoever runs compliance in its trust domain. */
export function mayChange(
  actor: Actor,
  { owner, trustDomainId }: Pick<ReportScheduleRow, "owner" | "trustDomainId">,
): boolean {
  const holds = (permission: "export:read" | "compliance:manage") =>
    narrowed(actor, permission).trustDomainIds.includes(trustDomainId);
  return (
    actor.kind === "user" && ((actor.id === owner && holds("export:read")) || holds("compliance:manage"))
  );
}

/**
 * The schedule, locked until the transaction ends, for somebody who may change it.
 *
 * @throws {ProblemError} `report-schedule/not-found`, `auth/forbidden`
 */
export async function lockOwn(tx: Tx, actor: Actor, scheduleId: string): Promise<ReportScheduleRow> {
  const row = await scheduleLock(tx, actor.trustDomainIds, scheduleId);
  if (!row) throw noSchedule();
  if (!mayChange(actor, row)) {
    throw new ProblemError("auth/forbidden", "It belongs to somebody else.");
  }
  return row;
}

/** In the order of the forms; the snapshot is always kept. */
export const formatsWanted = (wanted: readonly ReportFormatId[]): ReportFormatId[] =>
  REPORT_FORMATS.filter((format) => format === "json" || wanted.includes(format));

/** When the worker has to look next, given up to where everything is handled. */
export function nextAfter(rule: ScheduleRule, handledTo: number): Date {
  const [next] = comingPeriods(rule, handledTo, 1);
  return new Date(next ? dueAt(rule, next) : handledTo);
}

/** What the audit log says of one. */
export function audited(row: Omit<ReportScheduleRow, "handledTo" | "nextAt">) {
  const { name, framework, q, every, dueDays, dueHour, formats, recipients, owner } = row;
  return { name, framework, q, every, dueDays, dueHour, formats, recipients, owner };
}
