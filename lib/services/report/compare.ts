/** Comparing two reports. */
import { type ReportReader, reportFileList, reportFilePartRead, reportFind } from "#db/queries/report";
import type { ReportComparison } from "#lib/contracts/report";
import { ProblemError } from "#lib/domain/problems";
import { compareReports, inOrder } from "#lib/domain/report/compare";
import { isReady } from "#lib/domain/report/report";
import type { ReportSnapshot } from "#lib/domain/report/snapshot";
import type { ServiceContext } from "#lib/services/context";
import { reviewScope } from "#lib/services/guard";
import { noReport } from "./list.ts";

/** Things that are named per measure and part; all are counted. */
const NAMED = 100;
/** Largest snapshot that is read for a comparison. */
const SNAPSHOT_MAX_BYTES = 64 * 1024 * 1024;

/** @throws {ProblemError} `auth/forbidden`, `report/not-found`, `report/no-file`, `report/too-large` */
export async function compareTwoReports(
  ctx: ServiceContext,
  { reportId, otherId }: { reportId: string; otherId: string },
): Promise<ReportComparison> {
  const reader = reviewScope(ctx, "compliance:read");
  const one = await snapshotOf(ctx, reader, reportId);
  const [earlier, later] = inOrder(one, await snapshotOf(ctx, reader, otherId));
  return {
    earlier: sideOf(earlier),
    later: sideOf(later),
    measures: compareReports(earlier, later, NAMED) as ReportComparison["measures"],
  };
}

/** The snapshot was checked when it was made, and nobody changes a file. */
async function snapshotOf({ db }: ServiceContext, reader: ReportReader, id: string): Promise<ReportSnapshot> {
  const row = await reportFind(db, reader, id);
  if (!row) throw noReport();
  const files = isReady(row.state) ? await reportFileList(db, row) : [];
  const file = files.find(({ format, digest }) => format === "json" && digest !== null);
  if (!file) throw new ProblemError("report/no-file", "The report is not ready.");
  if (file.size > SNAPSHOT_MAX_BYTES) {
    throw new ProblemError("report/too-large", "The report has too many rows to be compared here.");
  }
  const parts: Buffer[] = [];
  for (;;) {
    const bytes = await reportFilePartRead(db, file, parts.length);
    if (!bytes) break;
    parts.push(bytes);
  }
  return JSON.parse(Buffer.concat(parts).toString("utf8")) as ReportSnapshot;
}

function sideOf({ id, title, period, knownAt, scope }: ReportSnapshot): ReportComparison["earlier"] {
  return { id, title, period, knownAt, q: scope.q };
}
