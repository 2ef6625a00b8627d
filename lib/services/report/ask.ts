/** Asking for a report. */
import { reportCountUnderWay } from "#db/queries/report";
import { AskReportBody } from "#lib/contracts/report";
import { reviewOf } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";
import { frameworkInUse, timeOfWindow } from "#lib/services/compliance/framework-of";
import { readPeriod } from "#lib/services/compliance/period";
import { domainFor } from "#lib/services/domain";
import { insertWanted } from "./insert.ts";

/** Reports of one trust domain that may wait or be prepared at a time. */
export const UNDER_WAY_MAX = 20;

/**
 * A report about every domain in which the caller may read compliance, of those that it looks at. It says what is known
 * now, or was known at `knownAt`, whenever it is prepared. In a review it keeps to its period.
 *
 * @throws {ProblemError} `auth/outside-review`, `compliance/unknown-framework`, `compliance/framework-retired`, `report/too-many`, `request/invalid`
 */
export const askReport = command({
  name: "report.ask",
  permission: "export:read",
  input: AskReportBody,
  async run(tx, ctx, { title, framework: frameworkId, from, to, q, knownAt, evidence }) {
    const { actor } = ctx;
    if (actor.kind !== "user") throw new ProblemError("auth/forbidden", "Only people ask for reports.");
    const { scope, window, view } = readPeriod(ctx, { from, to, q, knownAt });
    const domains = [...scope];
    const confined = reviewOf(actor) !== null;
    const framework =
      frameworkId === null ? null : await frameworkInUse(tx, domains, frameworkId, timeOfWindow(window));
    const trustDomainId = domainFor({ ...actor, trustDomainIds: domains });
    if ((await reportCountUnderWay(tx, trustDomainId)) >= UNDER_WAY_MAX) {
      throw new ProblemError("report/too-many", "Wait for the reports that are under way, or cancel one.");
    }
    const at = ctx.now();
    const id = await insertWanted(tx, {
      ...{
        trustDomainId,
        title,
        framework: framework?.id ?? null,
        domains,
        q,
        formats: null,
        confined,
        evidence,
      },
      ...{ periodFrom: window.from, periodTo: window.to, knownAt: new Date(view.knownAt) },
      ...{ askedBy: actor.id, askedAt: at },
    });
    return {
      result: { id },
      audit: {
        ...{ trustDomainId, entity: "report", entityId: id, before: null },
        after: { title, framework: framework?.id ?? null, domains, confined, evidence, ...view },
      },
    };
  },
});
