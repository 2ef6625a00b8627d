/** The record of whom admission turned away or warned about. */
import { admissionRecordPage } from "#db/queries/admission-record";
import type { AdmissionRecords, AdmissionRecordsQuery, AdmissionRecordView } from "#lib/contracts/admission";
import type { ServiceContext } from "#lib/services/context";
import { decodeCursor, encodeCursor, TimeHashKey } from "#lib/services/cursor";
import { readScope } from "#lib/services/guard";
import { iso } from "#lib/services/instant";

/** @throws {ProblemError} `auth/forbidden`, `request/invalid` for a cursor of another list */
export async function listAdmissionRecords(
  ctx: ServiceContext,
  { cursor, limit }: AdmissionRecordsQuery,
): Promise<AdmissionRecords> {
  const scope = readScope(ctx, "fleet:read");
  const place = cursor === undefined ? null : decodeCursor(TimeHashKey, cursor);
  const before = place && { lastAt: new Date(place.atMs), fingerprint: Buffer.from(place.hash, "hex") };
  const rows = await admissionRecordPage(ctx.db, scope, { before, limit: limit + 1 });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map((row) => ({
      trustDomainId: row.trustDomainId,
      nodeId: row.nodeId,
      subject: row.subject,
      operation: row.operation,
      purpose: row.purpose as AdmissionRecordView["purpose"],
      decision: row.decision as AdmissionRecordView["decision"],
      reasons: row.reasons,
      askedBy: { kind: row.askedByKind, id: row.askedBy },
      n: row.n,
      firstAt: iso(row.firstAt.getTime()),
      lastAt: iso(row.lastAt.getTime()),
    })),
    nextCursor:
      rows.length > limit && last
        ? encodeCursor({ atMs: last.lastAt.getTime(), hash: last.fingerprint.toString("hex") })
        : null,
  };
}
