/** What differs between two instants of a node, two nodes, or a node and what a baseline expects of it. */
import type { CompareQuery, Comparison, NodeComparison } from "#lib/contracts/compare";
import { compareNodes } from "#lib/domain/compare-nodes";
import { type CompareRef, parseCompareRef } from "#lib/domain/compare-ref";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { timePoint } from "#lib/services/time-point";
import { compareWithBaseline } from "./compare-baseline.ts";
import { type NodeSide, nodeSide, refusal, type SideName } from "./compare-side.ts";

/**
 * Compare two sides, both by what was known at `knownAt`.
 *
 * @throws {ProblemError} `node/not-found` for a node that is not there or was not known then;
 *   `request/invalid` for a side that cannot be read, lies in the future or does not exist
 */
export async function nodeCompare(
  ctx: ServiceContext,
  query: CompareQuery & { nodeId: string },
): Promise<Comparison> {
  const scope = readScope(ctx, "evidence:read");
  const { nodeId } = query;
  const point = timePoint(ctx, { knownAt: query.knownAt });
  const { knownAt } = point.used;
  const [a, b] = [refOf("a", query.a), refOf("b", query.b)];
  if (a.kind === "node") {
    const left = await nodeSide(ctx, scope, { name: "a", ref: a, nodeId, point });
    if (b.kind === "baseline") {
      return {
        nodeId,
        knownAt,
        ...(await compareWithBaseline(ctx, scope, { name: "b", ref: b, node: left })),
      };
    }
    const right = await nodeSide(ctx, scope, { name: "b", ref: b, nodeId, point });
    return { nodeId, knownAt, ...compareSides(left, right) };
  }
  if (b.kind === "baseline") throw refusal("b", "One of the two sides must be a node.");
  const node = await nodeSide(ctx, scope, { name: "b", ref: b, nodeId, point });
  return { nodeId, knownAt, ...(await compareWithBaseline(ctx, scope, { name: "a", ref: a, node })) };
}

function compareSides(a: NodeSide, b: NodeSide): Omit<NodeComparison, "nodeId" | "knownAt"> {
  const { lanes, ...differences } = compareNodes(a.facts, b.facts);
  return {
    against: "node",
    a: a.view,
    b: b.view,
    ...differences,
    lanes: lanes.map((lane) => ({
      ...lane,
      a: a.lanes.get(lane.key) ?? null,
      b: b.lanes.get(lane.key) ?? null,
    })),
  };
}

function refOf(name: SideName, text: string): CompareRef {
  const ref = parseCompareRef(text);
  if (ref) return ref;
  throw refusal(
    name,
    "Give an instant in UTC, now, lastTrusted, node:ID with an optional @instant, or baseline:ID with an optional @version.",
  );
}
