/** One node, as it is now or as it was at an instant. */
import { laneList, nodeIdentityList, nodeLastTrusted } from "#db/queries/node";
import type { TimePoint } from "#db/queries/time-sql";
import type { NodeQuery, NodeView } from "#lib/contracts/node";
import { laneAt, laneLabel, silenceOf, staleAtMs } from "#lib/domain/silence";
import type { LaneState, TrustStatus } from "#lib/domain/trust-status";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso, isoOrNull } from "#lib/services/instant";
import { timePoint } from "#lib/services/time-point";
import { visibleNode } from "./find.ts";
import { type NodeMoment, nodeStateAt } from "./state-at.ts";

/**
 * @throws {ProblemError} `node/not-found`, also when nothing was known about it for that instant;
 *   `request/invalid` for an instant of the future
 */
export async function nodeGet(
  ctx: ServiceContext,
  { nodeId, ...query }: NodeQuery & { nodeId: string },
): Promise<NodeView> {
  const scope = readScope(ctx, "fleet:read");
  const { used, ...point } = timePoint(ctx, query);
  const node = await visibleNode(ctx, scope, nodeId);
  const identities = await nodeIdentityList(ctx.db, scope, { nodeId, knownAt: point.knownAt });
  const moment = point.asOf
    ? await nodeStateAt(ctx, scope, { ...point, nodeId })
    : await stateNow(ctx, scope, { ...point, node });
  return {
    ...used,
    id: node.id,
    displayName: node.displayName,
    createdAt: iso(node.createdAt),
    status: moment.status,
    since: iso(moment.sinceMs),
    reason: moment.reason,
    identities: identities.map((identity) => ({
      ...identity,
      validFrom: iso(identity.validFrom),
      validTo: isoOrNull(identity.validTo),
    })),
    lanes: moment.lanes.map(({ row, state, sinceMs, staleAtMs: staleMs }) => ({
      sourceId: row.sourceId,
      sourceName: row.sourceName,
      sourceKind: row.sourceKind,
      submod: row.submod,
      state,
      since: iso(sinceMs),
      firstAt: iso(row.firstAt),
      lastAt: iso(row.lastAt),
      staleAt: isoOrNull(staleMs),
      verdicts: row.n,
    })),
    lastTrustedAt: isoOrNull(moment.lastTrustedMs),
  };
}

type MomentNow = Omit<NodeMoment, "lanes"> & {
  lanes: (Omit<NodeMoment["lanes"][number], "row"> & { row: Awaited<ReturnType<typeof laneList>>[number] })[];
};

/** From the hot rows, which know the counters of the open intervals. */
async function stateNow(
  ctx: ServiceContext,
  scope: readonly string[],
  { node, now }: TimePoint & { node: Awaited<ReturnType<typeof visibleNode>> },
): Promise<MomentNow> {
  const nowMs = now.getTime();
  const rows = await laneList(ctx.db, scope, { nodeId: node.id, now });
  const trustedUntil = await nodeLastTrusted(ctx.db, scope, node.id);
  const lanes = rows.map((row) => ({
    row,
    label: laneLabel(row.sourceName, row.submod),
    state: row.state as LaneState,
    sinceMs: row.since,
    lastMs: row.lastAt,
    staleAfterMs: row.staleAfterMs,
  }));
  const stated = node.status as TrustStatus;
  const silence = silenceOf(stated, lanes, nowMs);
  const status = silence ? "stale" : stated;
  const lastTrusted = silence && stated === "trusted" ? silence.sinceMs : trustedUntil;
  return {
    status,
    sinceMs: silence?.sinceMs ?? node.since,
    reason: silence?.reason ?? node.reason,
    lanes: lanes.map((lane) => ({
      row: lane.row,
      label: lane.label,
      ...laneAt(lane, nowMs),
      staleAtMs: staleAtMs(lane),
    })),
    lastTrustedMs: status === "trusted" ? null : lastTrusted,
  };
}
