/** Cancelling a report that is not finished. */
import { z } from "zod";
import { reportLock, reportUpdate } from "#db/queries/report";
import { ProblemError } from "#lib/domain/problems";
import { isUnderWay } from "#lib/domain/report/report";
import { command } from "#lib/services/command";
import { reviewScope } from "#lib/services/guard";
import { noReport } from "./list.ts";

/** Whoever prepares it stops at the next step. @throws {ProblemError} `report/not-found`, `report/over` */
export const cancelReport = command({
  name: "report.cancel",
  permission: "export:read",
  input: z.strictObject({ reportId: z.uuid() }),
  target: ({ reportId }) => reportId,
  async run(tx, ctx, { reportId }) {
    const row = await reportLock(tx, reviewScope(ctx, "compliance:read"), reportId);
    if (!row) throw noReport();
    if (!isUnderWay(row.state)) throw new ProblemError("report/over", "The report is finished already.");
    const over = { state: "CANCELLED", finishedAt: ctx.now(), claimedBy: null, claimedUntil: null } as const;
    await reportUpdate(tx, row, over);
    return {
      result: { id: row.id, state: over.state },
      audit: {
        ...{ trustDomainId: row.trustDomainId, entity: "report", entityId: row.id },
        ...{ before: { state: row.state }, after: { state: over.state } },
      },
    };
  },
});
