/** A file of a report, as it was written. */
import {
  type ReportFileRow,
  type ReportReader,
  reportFileList,
  reportFilePartRead,
  reportFind,
} from "#db/queries/report";
import { type Permission, reviewOf } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { isReady, type ReportFormatId } from "#lib/domain/report/report";
import { auditRead } from "#lib/services/audit/record-read";
import type { ServiceContext } from "#lib/services/context";
import { reviewScope } from "#lib/services/guard";
import { noReport } from "./list.ts";

/** @returns pieces; nobody holds more than one. The digest is the file's SHA-256 */
export type ReportDownload = { digest: Buffer; pieces: AsyncGenerator<Uint8Array> };

const FILE_NEEDS = ["export:read", "compliance:read"] as const;
/** What whoever downloads a form must be allowed to: a pack holds entries of the audit log and raw documents. */
const NEEDED: Readonly<Record<ReportFormatId, readonly Permission[]>> = {
  ...{ json: FILE_NEEDS, pdf: FILE_NEEDS, xlsx: FILE_NEEDS, csv: FILE_NEEDS },
  zip: [...FILE_NEEDS, "audit:read", "evidence:read"],
};

/**
 * The download goes on the record before the first byte is read.
 *
 * @throws {ProblemError} `auth/forbidden`, `report/not-found`, `report/no-file`
 */
export async function downloadReport(
  ctx: ServiceContext,
  { reportId, format }: { reportId: string; format: ReportFormatId },
): Promise<ReportDownload> {
  const row = await reportFind(ctx.db, readerOf(ctx, format), reportId);
  if (!row) throw noReport();
  const files = isReady(row.state) ? await reportFileList(ctx.db, row) : [];
  const file = files.find((one) => one.format === format);
  if (!file?.digest) throw new ProblemError("report/no-file", "The report has no such file.");
  await auditRead(ctx, "report.download", {
    ...{ trustDomainId: row.trustDomainId, entity: "report", entityId: row.id },
    after: { format, digest: file.digest.toString("hex") },
  });
  return { digest: file.digest, pieces: piecesOf(ctx, file) };
}

/** A pack that keeps to its period holds nothing from outside of it, so a review needs no more for it than for the rest. */
function readerOf(ctx: ServiceContext, format: ReportFormatId): ReportReader {
  const review = reviewOf(ctx.actor);
  const scope = (review ? FILE_NEEDS : NEEDED[format])
    .map((permission) => reviewScope(ctx, permission).scope)
    .reduce((all, granted) => all.filter((id) => granted.includes(id)));
  return { scope, review };
}

async function* piecesOf({ db }: ServiceContext, file: ReportFileRow): AsyncGenerator<Uint8Array> {
  for (let part = 0; ; part += 1) {
    const bytes = await reportFilePartRead(db, file, part);
    if (!bytes) return;
    yield bytes;
  }
}
