/** Audit entries as a file, read page by page while it is sent. */

import { type AuditFilter, type AuditKey, auditList, type ListedEntry } from "#db/queries/audit-list";
import type { AuditEntryView, AuditExportQuery } from "#lib/contracts/audit";
import { jsonLine } from "#lib/domain/json-line";
import { csvCell } from "#lib/domain/neutral-cell";
import type { ServiceContext } from "#lib/services/context";
import { decodeCursor, encodeCursor, TimeIdKey } from "#lib/services/cursor";
import { readScope } from "#lib/services/guard";
import { entryView, filterOf } from "./list.ts";
import { auditRead } from "./record-read.ts";

const PAGE = 500;

type Format = AuditExportQuery["format"];
type Exported = AuditEntryView & { cursor: string };

const COLUMNS = [
  "seq",
  "at",
  "actor",
  "actorKind",
  "actorId",
  "action",
  "entity",
  "entityId",
  "outcome",
  "problemCode",
  "address",
  "requestId",
  "before",
  "after",
  "id",
  "trustDomainId",
  "cursor",
] as const satisfies readonly (keyof Exported)[];

/**
 * The export goes on the record before its first line is read, so it holds its own entry when that fits the filter.
 *
 * @returns pieces of text; nobody holds more than one page
 * @throws {ProblemError} `auth/forbidden`; `request/invalid` for a foreign cursor
 */
export async function auditExport(
  ctx: ServiceContext,
  { format, cursor, ...asked }: AuditExportQuery,
): Promise<AsyncGenerator<string>> {
  const scope = readScope(ctx, "audit:read");
  const after = cursor === undefined ? null : decodeCursor(TimeIdKey, cursor);
  const [trustDomainId = ""] = scope;
  await auditRead(ctx, "audit.export", {
    trustDomainId,
    entity: "audit",
    entityId: format,
    after: { ...asked, ...(cursor !== undefined && { cursor }) },
  });
  const filter = await filterOf(ctx, scope, asked);
  return pieces(ctx, scope, { format, filter, after });
}

async function* pieces(
  { db }: ServiceContext,
  scope: readonly string[],
  { format, filter, after: start }: { format: Format; filter: AuditFilter; after: AuditKey | null },
): AsyncGenerator<string> {
  if (format === "csv") yield `${COLUMNS.join(",")}\r\n`;
  for (let after = start; ; ) {
    const { items, next } = await auditList(db, scope, { filter, after, limit: PAGE });
    yield items.map((item) => line(format, exported(item))).join("");
    if (!next) return;
    after = next;
  }
}

const exported = (item: ListedEntry): Exported => ({
  ...entryView(item),
  cursor: encodeCursor({ atMs: item.at.getTime(), id: item.id }),
});

function line(format: Format, entry: Exported): string {
  if (format === "jsonl") return jsonLine(entry);
  return `${COLUMNS.map((column) => csvCell(cellOf(entry[column]))).join(",")}\r\n`;
}

function cellOf(value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  return typeof value === "string" || typeof value === "number" ? value : JSON.stringify(value);
}
