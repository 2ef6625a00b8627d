/** Audit entries, last one first. */
import { type AuditFilter, auditList, type ListedEntry } from "#db/queries/audit-list";
import type { AuditEntryView, AuditFilterQuery, AuditPage, AuditQuery } from "#lib/contracts/audit";
import type { ServiceContext } from "#lib/services/context";
import { decodeCursor, encodeCursor, TimeIdKey } from "#lib/services/cursor";
import { readScope } from "#lib/services/guard";

/** @throws {ProblemError} `request/invalid` for a foreign cursor */
export async function auditEntries(ctx: ServiceContext, query: AuditQuery): Promise<AuditPage> {
  const scope = readScope(ctx, "audit:read");
  const { cursor, limit, ...asked } = query;
  const after = cursor ? decodeCursor(TimeIdKey, cursor) : null;
  const { items, next } = await auditList(ctx.db, scope, { filter: filterOf(asked), after, limit });
  return { items: items.map(entryView), nextCursor: next ? encodeCursor(next) : null };
}

export function filterOf({ from, to, ...rest }: AuditFilterQuery): AuditFilter {
  return { ...rest, from: from ? new Date(from) : undefined, to: to ? new Date(to) : undefined };
}

export function entryView({ name, at, ...row }: ListedEntry): AuditEntryView {
  return { ...row, at: at.toISOString(), actor: name ?? row.actorId };
}
