/** From rows to what the line of one node is fused from. */
import type { LaneKey } from "#db/queries/ingest-history";
import type { FuseDrift, FuseGrounds, FuseLane } from "#lib/domain/fuse";
import type { PolicyGrounds } from "./policy-grounds.ts";

/** @param labelOf name of a lane in reasons; the order of lanes is that of their labels */
export function fuseGroundsOf(
  nodeId: string,
  lanes: readonly (LaneKey & { interval: FuseLane["intervals"][number] })[],
  { sources, nodes, drift }: PolicyGrounds,
  labelOf: (lane: LaneKey) => string,
): Pick<FuseGrounds, "node" | "lanes" | "drift"> {
  const sourceOf = (sourceId = "") => sources.get(sourceId) ?? { name: sourceId, kind: "" };
  const compared = Map.groupBy(drift.get(nodeId) ?? [], ({ sourceId, submod }) =>
    labelOf({ nodeId, sourceId, submod }),
  );
  return {
    node: nodes.get(nodeId) ?? { id: nodeId, name: "", labels: {}, identities: {} },
    lanes: byLabel(Map.groupBy(lanes, labelOf)).map(([label, rows]): FuseLane => {
      const { name, kind } = sourceOf(rows[0]?.sourceId);
      const submod = rows[0]?.submod ?? "";
      return { label, source: name, kind, submod, intervals: rows.map(({ interval }) => interval) };
    }),
    drift: byLabel(compared).map(([label, intervals]): FuseDrift => {
      const { name } = sourceOf(intervals[0]?.sourceId);
      return { label, source: name, submod: intervals[0]?.submod ?? "", intervals };
    }),
  };
}

const byLabel = <T>(groups: ReadonlyMap<string, T>): [string, T][] =>
  [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
