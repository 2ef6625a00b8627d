/** How lanes of nodes differ from what is expected of them: from rows to lines. Writes nothing. */
import { laneMoments, measurementSets } from "#db/queries/drift-grounds";
import type { LaneKey } from "#db/queries/ingest-history";
import { selectorNodes } from "#db/queries/selector-node";
import type { SqlClient } from "#db/transaction";
import type { SelectorNode } from "#lib/domain/baseline";
import type { Assessment } from "#lib/domain/drift-classify";
import { cutAt, type DriftState, foldDrift, type LaneDrift } from "#lib/domain/drift-fold";
import { type LaneMoment, measuredSpans } from "#lib/domain/measured-course";
import type { Measurements } from "#lib/domain/verdict";
import { assessorOf, type DriftCourse, laneGrounds } from "#lib/services/drift/grounds";
import type { DriftMemo } from "./drift-memo.ts";

/** A node, and the instant from which on its lanes are folded. */
type FoldedFrom = { nodeId: string; fromMs: number };

/** What nodes stated, each from its own instant on. */
export type DriftEvidence = {
  lanes: ReadonlyMap<string, readonly (LaneKey & LaneMoment)[]>;
  nodes: ReadonlyMap<string, SelectorNode>;
  sets: ReadonlyMap<string, Measurements>;
};

/** A lane from its node's instant on. */
export type DriftLine = LaneKey &
  LaneDrift & {
    /** When the lane changes by itself: something that holds for it begins or ends. `null` = never. */
    nextMs: number | null;
  };

/** @param known sets that were read before, by their digests */
export async function readDriftEvidence(
  client: SqlClient,
  trustDomainId: string,
  from: readonly FoldedFrom[],
  known: ReadonlyMap<string, Measurements> = new Map(),
): Promise<DriftEvidence> {
  const moments = await laneMoments(client, trustDomainId, from);
  const ids = from.map(({ nodeId }) => nodeId);
  const digests = [...new Set(moments.flatMap(({ digest }) => digest ?? []))];
  const missing = digests.filter((digest) => !known.has(digest));
  return {
    lanes: Map.groupBy(moments, (lane) => lane.nodeId),
    nodes: await selectorNodes(client, trustDomainId, ids),
    sets: new Map([...known, ...(await measurementSets(client, trustDomainId, missing))]),
  };
}

/**
 * Fold every lane of some nodes. Whoever writes drift, and whoever looks ahead, asks here.
 *
 * @param untilMs what is so at this instant is left open
 */
export function foldDriftLines(
  course: DriftCourse,
  { lanes, nodes, sets }: DriftEvidence,
  from: readonly FoldedFrom[],
  untilMs: number,
  memo: DriftMemo,
): DriftLine[] {
  return from.flatMap(({ nodeId, fromMs }) => {
    const node = nodes.get(nodeId);
    if (!node) return [];
    const assess = assessorOf(course, node, sets, memo);
    return [...Map.groupBy(lanes.get(nodeId) ?? [], laneId).values()].flatMap((moments) =>
      foldLine(course, node, moments, { fromMs, untilMs }, assess),
    );
  });
}

function foldLine(
  course: DriftCourse,
  node: SelectorNode,
  moments: readonly (LaneKey & LaneMoment)[],
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
  assess: (state: DriftState) => Assessment,
): DriftLine[] {
  const [lane] = moments;
  if (!lane) return [];
  const { nodeId, sourceId, submod } = lane;
  const grounds = laneGrounds(course, node, lane, measuredSpans(moments, fromMs));
  return [{ nodeId, sourceId, submod, ...cutAt(foldDrift(grounds, assess), untilMs) }];
}

/** Text that is equal for equal lanes. */
export const laneId = ({ nodeId, sourceId, submod }: LaneKey) => `${nodeId} ${sourceId} ${submod}`;
