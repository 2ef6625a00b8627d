/** Making the report of one period, in somebody's name and by the rights that they have at that moment. */
import type { Tx } from "#db/client";
import type { ReportScheduleRow } from "#db/queries/report-schedule";
import { ProblemError } from "#lib/domain/problems";
import type { Period } from "#lib/domain/report/schedule";
import { holderNow } from "#lib/services/change-request/person";
import { insertWanted } from "#lib/services/report/insert";
import { checkScope, domainsOf } from "./check-scope.ts";

export type Made = { reportId: string } | { problem: string };

/** About the domain of the schedule and those below it, by what is known now. */
export async function makeReport(
  tx: Tx,
  schedule: ReportScheduleRow,
  { period, askedBy, at }: { period: Period; askedBy: string; at: Date },
): Promise<Made> {
  const problem = await refusal(tx, schedule, { period, askedBy, at });
  if (problem !== null) return { problem };
  const { trustDomainId, name, framework, q, formats } = schedule;
  const reportId = await insertWanted(tx, {
    ...{ trustDomainId, title: `${name}: ${daysOf(period)}`, framework, q, formats },
    ...{ domains: await domainsOf(tx, trustDomainId), confined: false, evidence: "sample" },
    ...{ periodFrom: new Date(period.from), periodTo: new Date(period.to), knownAt: at },
    ...{ askedBy, askedAt: at },
  });
  return { reportId };
}

/** Why the report may not or cannot be made; `null` = it may. */
async function refusal(
  tx: Tx,
  schedule: ReportScheduleRow,
  { period, askedBy, at }: { period: Period; askedBy: string; at: Date },
): Promise<string | null> {
  for (const permission of ["export:read", "compliance:read"] as const) {
    const holder = await holderNow(tx, askedBy, schedule.trustDomainId, permission, at);
    if (!holder) return "The account in whose name it is made is out of use.";
    if (!holder.holds) return `${holder.email} may not make reports in this trust domain any more.`;
  }
  try {
    // The version that counts at the end of a period counts for all of it.
    await checkScope(tx, schedule, { at: new Date(period.to - 1), knownAt: at });
    return null;
  } catch (error) {
    if (error instanceof ProblemError) return error.message;
    throw error;
  }
}

/** First and last day. */
export function daysOf({ from, to }: Period): string {
  const [first, last] = [from, to - 1].map((at) => new Date(at).toISOString().slice(0, 10));
  return `${first} to ${last}`;
}
