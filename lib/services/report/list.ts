/** Reports, the newest first, and one of them with what it says. */

import type { z } from "zod";
import { ownFrameworkTitles } from "#db/queries/own-framework";
import {
  type ReportFileRow,
  type ReportRow,
  reportFileList,
  reportFind,
  reportList,
} from "#db/queries/report";
import { trustDomainRows } from "#db/queries/trust-domain";
import { type ReportDetail, type ReportList, ReportListQuery, type ReportView } from "#lib/contracts/report";
import { frameworkById } from "#lib/domain/measure/frameworks";
import { storedFrameworkId } from "#lib/domain/measure/own-framework";
import { ProblemError } from "#lib/domain/problems";
import { isReady, REPORT_FORMATS } from "#lib/domain/report/report";
import type { ServiceContext } from "#lib/services/context";
import { decodeCursor, encodeCursor, TimeIdKey } from "#lib/services/cursor";
import { reviewScope } from "#lib/services/guard";
import { parseInput } from "#lib/services/input";

/** @throws {ProblemError} `auth/forbidden`, `request/invalid` */
export async function reports(
  ctx: ServiceContext,
  input: z.input<typeof ReportListQuery>,
): Promise<ReportList> {
  const reader = reviewScope(ctx, "compliance:read");
  const { cursor, limit } = parseInput(ReportListQuery, input);
  const key = cursor === undefined ? null : decodeCursor(TimeIdKey, cursor);
  const after = key && { at: new Date(key.atMs), id: key.id };
  const found = await reportList(ctx.db, reader, { after, limit: limit + 1 });
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const names = await namesFor(ctx, reader.scope, rows);
  return {
    items: rows.map((row) => reportView(row, names)),
    nextCursor:
      found.length > limit && last ? encodeCursor({ atMs: last.askedAt.getTime(), id: last.id }) : null,
  };
}

/** @throws {ProblemError} `auth/forbidden`, `report/not-found` */
export async function report(ctx: ServiceContext, { reportId }: { reportId: string }): Promise<ReportDetail> {
  const reader = reviewScope(ctx, "compliance:read");
  const row = await reportFind(ctx.db, reader, reportId);
  if (!row) throw noReport();
  const files = isReady(row.state) ? await reportFileList(ctx.db, row) : [];
  return {
    ...reportView(row, await namesFor(ctx, reader.scope, [row])),
    files: REPORT_FORMATS.flatMap((format) => files.filter((file) => file.format === format).map(fileView)),
    says: isReady(row.state) ? (row.head as ReportDetail["says"]) : null,
  };
}

/** The same for one that does not exist and one that is about more than the caller may read. */
export const noReport = () => new ProblemError("report/not-found", "There is no such report.");

/** Of trust domains by their ids, and of imported frameworks by their stored ids. */
type Names = { domains: ReadonlyMap<string, string>; frameworks: ReadonlyMap<string, string> };

async function namesFor(
  ctx: ServiceContext,
  scope: readonly string[],
  rows: readonly Pick<ReportRow, "framework">[],
): Promise<Names> {
  const own = rows.flatMap(({ framework }) => storedFrameworkId(framework ?? "") ?? []);
  return {
    domains: new Map((await trustDomainRows(ctx.db, scope)).map(({ id, name }) => [id, name])),
    frameworks: await ownFrameworkTitles(ctx.db, scope, own),
  };
}

function reportView(
  row: Omit<ReportRow, "head"> & { askedByEmail: string | null },
  names: Names,
): ReportView {
  const { id, title, q, evidence, state, problem, done, total } = row;
  return {
    ...{ id, title, q, evidence, state, problem, progress: { done, total } },
    framework: row.framework === null ? null : { id: row.framework, title: titleOf(row.framework, names) },
    domains: row.domains.map((domain) => ({ id: domain, name: names.domains.get(domain) ?? domain })),
    period: { from: row.periodFrom.toISOString(), to: row.periodTo.toISOString() },
    knownAt: row.knownAt.toISOString(),
    askedAt: row.askedAt.toISOString(),
    askedBy: row.askedByEmail,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    digest: row.digest?.toString("hex") ?? null,
  };
}

function titleOf(framework: string, { frameworks }: Names): string {
  const builtIn = frameworkById(framework)?.title;
  return builtIn ?? frameworks.get(storedFrameworkId(framework) ?? "") ?? framework;
}

function fileView({ format, size, digest, problem }: ReportFileRow): ReportDetail["files"][number] {
  return {
    format: format as ReportDetail["files"][number]["format"],
    size,
    digest: digest?.toString("hex") ?? null,
    problem,
  };
}
