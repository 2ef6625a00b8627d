/** What all nodes of a domain say now. */
import type { Conn } from "#db/client";
import { type StandingLaneRow, standingLanes, standingNodes, standingSets } from "#db/queries/standing";
import type { StandingLane, StandingNode } from "#lib/domain/baseline-standing";

export type Fleet = {
  nodes: readonly StandingNode[];
  /** Names of the sources that have a lane. */
  sourceNames: ReadonlyMap<string, string>;
};

/** @param selectors those that will be asked: identities are only read when one needs them */
export async function readFleet(
  conn: Conn,
  trustDomainId: string,
  selectors: readonly string[],
): Promise<Fleet> {
  const needsIdentities = selectors.some((text) => text.includes("identities"));
  const rows = await standingNodes(conn, trustDomainId, needsIdentities);
  const lanes = await standingLanes(conn, trustDomainId);
  const sets = await standingSets(conn, trustDomainId);
  const byNode = Map.groupBy(lanes, ({ nodeId }) => nodeId);
  const laneOf = ({ sourceId, submod, digest }: StandingLaneRow): StandingLane[] => {
    const measurements = digest === null ? undefined : sets.get(digest);
    return digest !== null && measurements ? [{ sourceId, submod, digest, measurements }] : [];
  };
  return {
    nodes: rows.map((node) => ({ node, lanes: (byNode.get(node.id) ?? []).flatMap(laneOf) })),
    sourceNames: new Map(lanes.map(({ sourceId, sourceName }) => [sourceId, sourceName])),
  };
}
