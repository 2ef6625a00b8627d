/** Audit entries as a file, read page by page while it is sent. */

import { auditList } from "#db/queries/audit-list";
import type { AuditEntryView, AuditExportQuery } from "#lib/contracts/audit";
import { jsonLine } from "#lib/domain/json-line";
import { csvCell } from "#lib/domain/neutral-cell";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { entryView, filterOf } from "./list.ts";
import { auditRead } from "./record-read.ts";

const PAGE = 500;

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
] as const satisfies readonly (keyof AuditEntryView)[];

/**
 * The export goes on the record before its first line is read, so it holds its own entry when that fits the filter.
 *
 * @returns pieces of text; nobody holds more than one page
 */
export async function auditExport(
  ctx: ServiceContext,
  { format, ...asked }: AuditExportQuery,
): Promise<AsyncGenerator<string>> {
  const scope = readScope(ctx, "audit:read");
  const [trustDomainId = ""] = scope;
  await auditRead(ctx, "audit.export", {
    trustDomainId,
    entity: "audit",
    entityId: format,
    after: asked,
  });
  return pieces(ctx, scope, { format, ...asked });
}

async function* pieces(
  ctx: ServiceContext,
  scope: readonly string[],
  { format, ...asked }: AuditExportQuery,
): AsyncGenerator<string> {
  const filter = await filterOf(ctx, scope, asked);
  if (format === "csv") yield `${COLUMNS.join(",")}\r\n`;
  for (let after: Parameters<typeof auditList>[2]["after"] = null; ; ) {
    const { items, next } = await auditList(ctx.db, scope, { filter, after, limit: PAGE });
    yield items.map((item) => line(format, entryView(item))).join("");
    if (!next) return;
    after = next;
  }
}

function line(format: AuditExportQuery["format"], entry: AuditEntryView): string {
  if (format === "jsonl") return jsonLine(entry);
  return `${COLUMNS.map((column) => csvCell(cellOf(entry[column]))).join(",")}\r\n`;
}

function cellOf(value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  return typeof value === "string" || typeof value === "number" ? value : JSON.stringify(value);
}
