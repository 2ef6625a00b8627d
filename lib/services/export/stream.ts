/** Lists as files, read page by page while they are sent. */

import { z } from "zod";
import {
  type ExportCell,
  type ExportFilter,
  type ExportList,
  exportColumns,
  exportPage,
  nodeOrigins,
} from "#db/queries/export";
import { type NodeListKey, nodeListPage } from "#db/queries/node-list";
import { Instant } from "#lib/contracts/common";
import type { ExportName, ExportQuery } from "#lib/contracts/export";
import type { Permission } from "#lib/domain/access";
import { jsonLine } from "#lib/domain/json-line";
import { csvCell } from "#lib/domain/neutral-cell";
import { parseNodeQuery } from "#lib/domain/node-query";
import { inventoryOf } from "#lib/domain/ocsf/inventory";
import { ProblemError } from "#lib/domain/problems";
import { auditRead } from "#lib/services/audit/record-read";
import type { ServiceContext } from "#lib/services/context";
import { decodeCursor, encodeCursor, NodeKey } from "#lib/services/cursor";
import { readScope } from "#lib/services/guard";
import { iso, isoOrNull } from "#lib/services/instant";

const PAGE = 2_000;
/** Every page of nodes derives the whole fleet. */
const NODE_PAGE = 10_000;

/** What somebody must be allowed to read, besides exporting. */
const READS: Readonly<Record<ExportName, Permission>> = {
  nodes: "fleet:read",
  intervals: "fleet:read",
  drift: "drift:read",
  incidents: "drift:read",
  "change-requests": "change:read",
  remediations: "change:read",
};

const Key = z.strictObject({ at: Instant, id: z.string().max(400) });

type Row = { cursor: string; cells: Readonly<Record<string, ExportCell>> };
type Line = (row: Row) => string;

/**
 * The export goes on the record before its first row is read.
 *
 * @param productVersion for events
 * @returns pieces of text; nobody holds more than one page
 * @throws {ProblemError} `auth/forbidden`; `request/invalid` for a cursor, search or format that cannot be read
 */
export async function exportList(
  ctx: ServiceContext,
  what: ExportName,
  { format, ...query }: ExportQuery,
  productVersion: string,
): Promise<AsyncGenerator<string>> {
  const granted = new Set(readScope(ctx, "export:read"));
  const scope = readScope(ctx, READS[what]).filter((id) => granted.has(id));
  const [trustDomainId = ""] = scope;
  if (format === "ocsf" && what !== "nodes") throw refused("format", "Only nodes are exported as events.");
  const source = what === "nodes" ? nodeRows(ctx, scope, query) : listRows(ctx, scope, what, query);
  await auditRead(ctx, "export.read", {
    trustDomainId,
    entity: "export",
    entityId: what,
    after: { format, ...query },
  });
  if (format === "ocsf") return events(ctx, scope, source.pages, productVersion);
  return format === "csv" ? csv(source.columns, source.pages) : lines(source.pages, rowLine);
}

const refused = (field: string, detail: string) =>
  new ProblemError("request/invalid", detail, { pointers: [{ pointer: `#/query/${field}`, detail }] });

type Source = { columns: readonly string[]; pages: AsyncGenerator<Row[]> };

function listRows(
  { db }: ServiceContext,
  scope: readonly string[],
  list: ExportList,
  { cursor, from, to, state, q }: Omit<ExportQuery, "format">,
): Source {
  if (q !== undefined) throw refused("q", "Only nodes are searched.");
  const start = cursor === undefined ? null : decodeCursor(Key, cursor);
  const filter: ExportFilter = {
    from: from === undefined ? null : new Date(from),
    to: to === undefined ? null : new Date(to),
    state: state ?? null,
  };
  async function* pages(): AsyncGenerator<Row[]> {
    for (let after = start; ; ) {
      const rows = await exportPage(db, scope, { list, filter, after, limit: PAGE });
      yield rows.map(({ key, cells }) => ({ cells, cursor: encodeCursor(key) }));
      const last = rows.at(-1);
      if (rows.length < PAGE || !last) return;
      after = last.key;
    }
  }
  return { columns: exportColumns(list), pages: pages() };
}

const NODE_COLUMNS = [
  ...["id", "name", "status", "since", "reason", "lifecycle", "sources", "lastEvidenceAt", "createdAt"],
] as const;

function nodeRows(
  { db, now }: ServiceContext,
  scope: readonly string[],
  { cursor, from, to, state, q = "" }: Omit<ExportQuery, "format">,
): Source {
  const parsed = parseNodeQuery(q);
  if (!parsed.ok) throw refused("q", parsed.detail);
  if (from ?? to ?? state) throw refused("q", "Nodes are searched by q alone.");
  const { query } = parsed;
  const start = cursor === undefined ? null : decodeCursor(NodeKey, cursor);
  async function* pages(): AsyncGenerator<Row[]> {
    const args = { query, asOf: null, knownAt: null, now: now() };
    for (let after: NodeListKey | null = start; ; ) {
      const { items, next } = await nodeListPage(db, scope, {
        ...args,
        sort: "name",
        after,
        limit: NODE_PAGE,
      });
      yield items.map((row) => ({
        cursor: encodeCursor({
          ...{ sort: "name", rank: row.rank, sinceMs: row.since, name: row.displayName, id: row.id },
        }),
        cells: {
          id: row.id,
          name: row.displayName,
          status: row.status,
          since: iso(row.since),
          reason: row.reason,
          lifecycle: row.lifecycle,
          sources: row.sources.join(", "),
          lastEvidenceAt: isoOrNull(row.lastEvidenceAt),
          createdAt: iso(row.createdAt),
        },
      }));
      if (!next) return;
      after = next;
    }
  }
  return { columns: NODE_COLUMNS, pages: pages() };
}

const rowLine: Line = ({ cells, cursor }) => jsonLine({ ...cells, cursor });

async function* lines(pages: AsyncGenerator<Row[]>, line: Line): AsyncGenerator<string> {
  for await (const rows of pages) yield rows.map(line).join("");
}

async function* csv(columns: readonly string[], pages: AsyncGenerator<Row[]>): AsyncGenerator<string> {
  yield `${[...columns, "cursor"].join(",")}\r\n`;
  const cell = (value: ExportCell | undefined) =>
    csvCell(typeof value === "boolean" ? String(value) : (value ?? null));
  yield* lines(
    pages,
    ({ cells, cursor }) => `${[...columns.map((name) => cell(cells[name])), csvCell(cursor)].join(",")}\r\n`,
  );
}

/** Inventory events; where to go on stands in `unmapped.cursor`. */
async function* events(
  ctx: ServiceContext,
  scope: readonly string[],
  pages: AsyncGenerator<Row[]>,
  productVersion: string,
): AsyncGenerator<string> {
  const emitter = { version: "1.8.0", productVersion, url: null } as const;
  const collectedMs = ctx.now().getTime();
  for await (const rows of pages) {
    const ids = rows.map(({ cells }) => String(cells.id));
    const origins = await nodeOrigins(ctx.db, scope, ids);
    yield rows
      .map(({ cells, cursor }) => {
        const origin = origins.get(String(cells.id));
        const { name, status, reason, lifecycle } = cells;
        const words = { name: String(name), status: String(status), reason: String(reason) };
        const listed = {
          ...{ trustDomainId: origin?.trustDomainId ?? "", nodeId: String(cells.id), ...words },
          ...{ lifecycle: String(lifecycle), firstSeenMs: origin?.firstSeenMs ?? 0 },
          sinceMs: Date.parse(String(cells.since)),
        };
        const event = inventoryOf(listed, collectedMs, emitter);
        return jsonLine({ ...event, unmapped: { ...(event.unmapped as object), cursor } });
      })
      .join("");
  }
}
