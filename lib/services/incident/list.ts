/** Incidents, open or over. */
import { incidentCounts, incidentList, type ListedIncident } from "#db/queries/incident";
import type { IncidentList, IncidentListQuery, IncidentRow } from "#lib/contracts/incident";
import { type IncidentKind, RUNBOOKS } from "#lib/domain/correlation";
import type { ServiceContext } from "#lib/services/context";
import { decodeCursor, encodeCursor, TimeIdKey } from "#lib/services/cursor";
import { readScope } from "#lib/services/guard";

/** @throws {ProblemError} `request/invalid` for a foreign cursor */
export async function incidents(ctx: ServiceContext, query: IncidentListQuery): Promise<IncidentList> {
  const scope = readScope(ctx, "fleet:read");
  const after = query.cursor ? decodeCursor(TimeIdKey, query.cursor) : null;
  const { state, limit } = query;
  const { items, next } = await incidentList(ctx.db, scope, { state, after, limit });
  return {
    items: items.map(incidentRow),
    nextCursor: next ? encodeCursor(next) : null,
    counts: await incidentCounts(ctx.db, scope),
  };
}

export function incidentRow(row: ListedIncident): IncidentRow {
  const { id, title, cause, state, breaker, nodes, owner, ownerEmail, resolvedAt, resolvedByEmail } = row;
  const kind = row.kind as IncidentKind;
  return {
    id,
    kind,
    title,
    cause,
    runbook: RUNBOOKS[kind],
    state: state as IncidentRow["state"],
    breaker,
    openedAt: row.openedAt.toISOString(),
    lastAt: row.lastAt.toISOString(),
    nodes,
    owner: owner === null ? null : { id: owner, email: ownerEmail ?? "" },
    resolved: resolvedAt && {
      at: resolvedAt.toISOString(),
      by: resolvedByEmail,
      review: row.review ?? "",
    },
  };
}
