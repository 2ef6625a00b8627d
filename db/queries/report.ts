/** Reports: asking for one, preparing it, and reading what was kept. */
import { and, asc, desc, eq, gte, inArray, lt, lte, or, type SQL, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { appUser } from "#db/schema/people";
import { report, reportFile, reportFilePart } from "#db/schema/report";
import type { ReviewPeriod } from "#lib/domain/review";
import { instant, rowsOf, type Scope, uuids } from "./sql.ts";

export type ReportRow = typeof report.$inferSelect;
export type ReportFileRow = typeof reportFile.$inferSelect;
export type ListedReport = Omit<ReportRow, "head"> & { askedByEmail: string | null };
export type ReportKey = Pick<ReportRow, "trustDomainId" | "id">;

const isOne = ({ trustDomainId, id }: ReportKey) =>
  and(eq(report.trustDomainId, trustDomainId), eq(report.id, id));

/** Where, and within which period, somebody reads reports. `null` = of any period. */
export type ReportReader = { scope: Scope; review: ReviewPeriod | null };

/**
 * All of a report's domains lie in the scope: half of a report is never shown. A review is shown the reports that keep to
 * their period, when that is a part of its own.
 */
const readable = ({ scope, review }: ReportReader): SQL | undefined =>
  and(
    inArray(report.trustDomainId, [...scope]),
    sql`${report.domains} <@ ${uuids(scope)}`,
    review === null
      ? undefined
      : and(
          report.confined,
          gte(report.periodFrom, new Date(review.fromMs)),
          lte(report.periodTo, new Date(review.toMs)),
        ),
  );

export async function reportInsert(tx: Tx, row: typeof report.$inferInsert): Promise<void> {
  await tx.insert(report).values(row);
}

/** Reports of a domain that are not finished. */
export async function reportCountUnderWay(tx: Tx, trustDomainId: string): Promise<number> {
  return tx.$count(
    report,
    and(eq(report.trustDomainId, trustDomainId), inArray(report.state, ["WAITING", "PREPARING"])),
  );
}

/** One page, the newest first, without what they say. */
export async function reportList(
  conn: Conn,
  reader: ReportReader,
  { after, limit }: { after: { at: Date; id: string } | null; limit: number },
): Promise<ListedReport[]> {
  const { head: _, ...columns } = COLUMNS;
  const older =
    after && or(lt(report.askedAt, after.at), and(eq(report.askedAt, after.at), lt(report.id, after.id)));
  return conn
    .select({ ...columns, askedByEmail: appUser.email })
    .from(report)
    .leftJoin(appUser, eq(appUser.id, report.askedBy))
    .where(and(readable(reader), older ?? undefined))
    .orderBy(desc(report.askedAt), desc(report.id))
    .limit(limit);
}

const COLUMNS = {
  ...{ trustDomainId: report.trustDomainId, id: report.id, title: report.title, framework: report.framework },
  ...{ domains: report.domains, q: report.q, periodFrom: report.periodFrom, periodTo: report.periodTo },
  ...{ knownAt: report.knownAt, askedBy: report.askedBy, askedAt: report.askedAt, state: report.state },
  ...{ done: report.done, total: report.total, problem: report.problem, digest: report.digest },
  ...{ head: report.head, finishedAt: report.finishedAt, attempts: report.attempts },
  ...{ claimedBy: report.claimedBy, claimedUntil: report.claimedUntil, formats: report.formats },
  ...{ confined: report.confined, evidence: report.evidence },
};

export async function reportFind(
  conn: Conn,
  reader: ReportReader,
  id: string,
): Promise<(ReportRow & { askedByEmail: string | null }) | undefined> {
  const [row] = await conn
    .select({ ...COLUMNS, askedByEmail: appUser.email })
    .from(report)
    .leftJoin(appUser, eq(appUser.id, report.askedBy))
    .where(and(readable(reader), eq(report.id, id)));
  return row;
}

/** Locked until the transaction ends. */
export async function reportLock(tx: Tx, reader: ReportReader, id: string): Promise<ReportRow | undefined> {
  const [row] = await tx
    .select()
    .from(report)
    .where(and(readable(reader), eq(report.id, id)))
    .for("update");
  return row;
}

export async function reportUpdate(tx: Tx, key: ReportKey, set: Partial<ReportRow>): Promise<void> {
  await tx.update(report).set(set).where(isOne(key));
}

/**
 * Take the report that waits longest, or one whose worker has gone, until an instant. What an earlier attempt wrote
 * goes: a report is made in one piece.
 */
export async function reportClaim(
  tx: Tx,
  { claimedBy, now, until }: { claimedBy: string; now: Date; until: Date },
): Promise<ReportRow | undefined> {
  const claimed = await rowsOf<ReportKey>(
    tx,
    sql`UPDATE report r SET state = 'PREPARING', claimed_by = ${claimedBy}, claimed_until = ${instant(until)},
        attempts = r.attempts + 1, done = 0, total = 0
      FROM (
        SELECT trust_domain_id, id FROM report
        WHERE state = 'WAITING' OR (state = 'PREPARING' AND claimed_until <= ${instant(now)})
        ORDER BY asked_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
      ) due
      WHERE r.trust_domain_id = due.trust_domain_id AND r.id = due.id
      RETURNING r.trust_domain_id AS "trustDomainId", r.id`,
  );
  const [key] = claimed;
  if (!key) return undefined;
  await tx
    .delete(reportFile)
    .where(and(eq(reportFile.trustDomainId, key.trustDomainId), eq(reportFile.reportId, key.id)));
  const [row] = await tx.select().from(report).where(isOne(key));
  return row;
}

/** Write down how it goes. @returns false when the report was cancelled or taken over: whoever asks stops */
export async function reportHold(
  conn: Conn,
  key: ReportKey,
  claimedBy: string,
  set: Partial<ReportRow>,
): Promise<boolean> {
  const rows = await conn
    .update(report)
    .set(set)
    .where(and(isOne(key), eq(report.claimedBy, claimedBy), eq(report.state, "PREPARING")))
    .returning({ id: report.id });
  return rows.length > 0;
}

/** Whether the report is still held by somebody who prepares it; stays so until the transaction ends. */
export async function reportLockHeld(tx: Tx, key: ReportKey, claimedBy: string): Promise<boolean> {
  const rows = await tx
    .select({ id: report.id })
    .from(report)
    .where(and(isOne(key), eq(report.claimedBy, claimedBy), eq(report.state, "PREPARING")))
    .for("update");
  return rows.length > 0;
}

/** @param parts the file's bytes in order */
export async function reportFileInsert(
  tx: Tx,
  row: typeof reportFile.$inferInsert,
  parts: readonly Buffer[],
): Promise<void> {
  await tx.insert(reportFile).values(row);
  const { trustDomainId, reportId, format } = row;
  for (const [part, bytes] of parts.entries()) {
    await tx.insert(reportFilePart).values({ trustDomainId, reportId, format, part, bytes });
  }
}

export async function reportFileList(conn: Conn, { trustDomainId, id }: ReportKey): Promise<ReportFileRow[]> {
  return conn
    .select()
    .from(reportFile)
    .where(and(eq(reportFile.trustDomainId, trustDomainId), eq(reportFile.reportId, id)))
    .orderBy(asc(reportFile.format));
}

/** One piece of a file; `undefined` = there are no more. */
export async function reportFilePartRead(
  conn: Conn,
  { trustDomainId, reportId, format }: Pick<ReportFileRow, "trustDomainId" | "reportId" | "format">,
  part: number,
): Promise<Buffer | undefined> {
  const [row] = await conn
    .select({ bytes: reportFilePart.bytes })
    .from(reportFilePart)
    .where(
      and(
        eq(reportFilePart.trustDomainId, trustDomainId),
        eq(reportFilePart.reportId, reportId),
        eq(reportFilePart.format, format),
        eq(reportFilePart.part, part),
      ),
    );
  return row?.bytes;
}
