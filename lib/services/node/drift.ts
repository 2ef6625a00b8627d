/** What differs between the evidence of a node and its baselines, at an instant and as known at one. */
import {
  type DriftFindingRow,
  type DriftLaneRow,
  driftFindings,
  driftLanes,
  driftWaiting,
} from "#db/queries/drift-node";
import type { DriftFindingView, DriftLaneView, NodeDrift, NodeDriftQuery } from "#lib/contracts/drift";
import { LAYERS } from "#lib/domain/layers";
import { laneLabel } from "#lib/domain/silence";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso } from "#lib/services/instant";
import { timePoint } from "#lib/services/time-point";
import { logFinder } from "./drift-log.ts";
import { visibleNode } from "./find.ts";

/** @throws {ProblemError} `node/not-found`; `request/invalid` for an instant of the future */
export async function nodeDrift(
  ctx: ServiceContext,
  query: NodeDriftQuery & { nodeId: string },
): Promise<NodeDrift> {
  const scope = readScope(ctx, "evidence:read");
  const { used, ...point } = timePoint(ctx, query);
  const { nodeId } = query;
  await visibleNode(ctx, scope, nodeId);
  const lanes = await driftLanes(ctx.db, scope, { nodeId, point });
  const rows = await driftFindings(ctx.db, scope, { nodeId, point });
  const logOf = await logFinder(ctx, scope, nodeId, rows);
  const findings = Map.groupBy(rows, laneKey);
  // What was known at an earlier time does not change any more.
  const waiting = point.knownAt === null && (await driftWaiting(ctx.db, scope, { nodeId, now: ctx.now() }));
  const views = lanes.map((lane) => laneView(lane, findings.get(laneKey(lane)) ?? [], logOf));
  return { nodeId, ...used, waiting, lanes: views };
}

const laneKey = ({ sourceId, submod }: { sourceId: string; submod: string }) => `${sourceId}/${submod}`;

function laneView(
  { sourceName, submod, since, ...lane }: DriftLaneRow,
  rows: readonly DriftFindingRow[],
  logOf: (finding: DriftFindingRow) => string | null,
): DriftLaneView {
  const counted = Object.values(lane.findings).reduce((sum, count) => sum + count, 0);
  return {
    ...(lane as Omit<DriftLaneView, "label" | "since" | "layers" | "unlisted">),
    label: laneLabel(sourceName, submod),
    since: iso(since),
    layers: LAYERS.flatMap((layer) => {
      const own = rows.filter((row) => row.layer === layer);
      return own.length > 0 ? [{ layer, findings: own.map((row) => findingView(row, logOf(row))) }] : [];
    }),
    unlisted: counted - rows.length,
  };
}

function findingView(
  { sourceId: _, submod: __, layer: ___, since, others, window, ...row }: DriftFindingRow,
  logEventHash: string | null,
): DriftFindingView {
  return {
    ...(row as Omit<DriftFindingView, "since" | "otherNodes" | "logEventHash" | "window">),
    since: iso(since),
    otherNodes: others,
    logEventHash,
    window: window && { id: window.id, name: window.name, until: iso(window.untilMs) },
  };
}
