/** Audit entries, last one first. */
import { type AuditFilter, auditList, type ListedEntry } from "#db/queries/audit-list";
import { auditedIds, type ObjectRef } from "#db/queries/audit-object";
import type { AuditEntryView, AuditFilterQuery, AuditPage, AuditQuery } from "#lib/contracts/audit";
import type { ServiceContext } from "#lib/services/context";
import { decodeCursor, encodeCursor, TimeIdKey } from "#lib/services/cursor";
import { readScope } from "#lib/services/guard";

/** @throws {ProblemError} `request/invalid` for a foreign cursor */
export async function auditEntries(ctx: ServiceContext, query: AuditQuery): Promise<AuditPage> {
  const scope = readScope(ctx, "audit:read");
  const { cursor, limit, ...asked } = query;
  const after = cursor ? decodeCursor(TimeIdKey, cursor) : null;
  const filter = await filterOf(ctx, scope, asked);
  const { items, next } = await auditList(ctx.db, scope, { filter, after, limit });
  return { items: items.map(entryView), nextCursor: next ? encodeCursor(next) : null };
}

/** What is asked for, with an object as the ids that stand for it. @param scope domains whose entries are read */
export async function filterOf(
  { db }: Pick<ServiceContext, "db">,
  scope: readonly string[],
  { from, to, object, ...rest }: AuditFilterQuery,
): Promise<AuditFilter> {
  return {
    ...rest,
    object: object ? await auditedIds(db, scope, refOf(object)) : undefined,
    from: from ? new Date(from) : undefined,
    to: to ? new Date(to) : undefined,
  };
}

/** `object` is as the contract has it. */
function refOf(object: string): ObjectRef {
  const at = object.indexOf(":");
  return { kind: object.slice(0, at) as ObjectRef["kind"], id: object.slice(at + 1) };
}

export function entryView({ name, at, ...row }: ListedEntry): AuditEntryView {
  return { ...row, at: at.toISOString(), actor: name ?? row.actorId };
}
