/** Maintenance windows: what runs, what is planned, what is over, and what each allowed. */
import {
  type AllowedCount,
  type ListedWindow,
  windowAllowed,
  windowChanges,
  windowCounts,
  windowFind,
  windowList,
  windowsChangeNext,
} from "#db/queries/maintenance-window";
import type {
  WindowDetail,
  WindowList,
  WindowListQuery,
  WindowView,
} from "#lib/contracts/maintenance-window";
import type { Layer } from "#lib/domain/layers";
import { WINDOW_STATES, windowState } from "#lib/domain/maintenance";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso } from "#lib/services/instant";
import { nodesFor, selectedBy } from "./select.ts";

const LIMIT = 500;
const CHANGES = 200;

export async function maintenanceWindows(
  ctx: ServiceContext,
  { state }: Pick<WindowListQuery, "state">,
): Promise<WindowList> {
  const scope = readScope(ctx, "drift:read");
  const now = ctx.now();
  const states = state === "all" ? WINDOW_STATES : [state];
  const rows = await windowList(ctx.db, scope, { states, now, limit: LIMIT });
  const next = await windowsChangeNext(ctx.db, scope, now);
  return {
    items: await viewsOf(ctx, scope, rows, now),
    counts: await windowCounts(ctx.db, scope, now),
    nextChangeAt: next?.toISOString() ?? null,
  };
}

/** @throws {ProblemError} `window/not-found` */
export async function maintenanceWindow(
  ctx: ServiceContext,
  { windowId }: { windowId: string },
): Promise<WindowDetail> {
  const scope = readScope(ctx, "drift:read");
  const row = await windowFind(ctx.db, scope, windowId);
  const [view] = row ? await viewsOf(ctx, scope, [row], ctx.now()) : [];
  if (!view) throw new ProblemError("window/not-found", `No maintenance window ${windowId}.`);
  const changes = await windowChanges(ctx.db, scope, windowId, CHANGES);
  return {
    ...view,
    changes: changes.map(({ layer, kind, firstAt, ...change }) => ({
      ...change,
      layer: layer as Layer,
      kind: kind as WindowDetail["changes"][number]["kind"],
      firstAt: iso(firstAt),
    })),
  };
}

async function viewsOf(
  { db }: ServiceContext,
  scope: readonly string[],
  rows: readonly ListedWindow[],
  now: Date,
): Promise<WindowView[]> {
  const allowed = await windowAllowed(
    db,
    scope,
    rows.map(({ id }) => id),
  );
  const selected = new Map<string, number>();
  const live = rows.filter((row) => stateOf(row, now) !== "past");
  for (const [trustDomainId, own] of Map.groupBy(live, (row) => row.trustDomainId)) {
    const selectors = own.map(({ selector }) => selector);
    const nodes = await nodesFor(db, trustDomainId, selectors);
    for (const { id, selector } of own) selected.set(id, selectedBy(nodes, selector).length);
  }
  return rows.map((row) => viewOf(row, now, { nodes: selected.get(row.id) ?? null, allowed }));
}

const stateOf = ({ fromAt, toAt, endedAt }: ListedWindow, now: Date) =>
  windowState(
    { fromMs: fromAt.getTime(), toMs: toAt.getTime(), endedMs: endedAt?.getTime() ?? null },
    now.getTime(),
  );

function viewOf(
  row: ListedWindow,
  now: Date,
  { nodes, allowed }: { nodes: number | null; allowed: readonly AllowedCount[] },
): WindowView {
  const { id, name, selector, layers, reason, endedAt } = row;
  const own = allowed.find(({ windowId }) => windowId === id);
  return {
    ...{ id, name, selector, reason, nodes },
    layers: layers as Layer[],
    state: stateOf(row, now),
    from: row.fromAt.toISOString(),
    until: row.toAt.toISOString(),
    ended: endedAt && { at: endedAt.toISOString(), by: row.endedByEmail },
    createdAt: row.createdAt.toISOString(),
    createdBy: row.authorEmail,
    allowed: { changes: own?.changes ?? 0, nodes: own?.nodes ?? 0 },
  };
}
