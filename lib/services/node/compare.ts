/** What differs between two instants of a node, or between two nodes. */
import { nodeIdentityList } from "#db/queries/node";
import { type LaneStatementRow, laneStatementList } from "#db/queries/node-at";
import { Instant } from "#lib/contracts/common";
import type { ComparedSide, CompareLaneSide, CompareQuery, Comparison } from "#lib/contracts/compare";
import { compareNodes, type LaneFacts, type NodeFacts } from "#lib/domain/compare-nodes";
import { type CompareTime, formatCompareRef, parseCompareRef } from "#lib/domain/compare-ref";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso, isoOrNull } from "#lib/services/instant";
import { type AskedTime, timePoint } from "#lib/services/time-point";
import { visibleNode } from "./find.ts";
import { type LaneMoment, nodeStateAt } from "./state-at.ts";

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
  const point = timePoint(ctx, { knownAt: query.knownAt });
  const [a, b] = [
    await sideOf(ctx, scope, { name: "a", text: query.a, nodeId: query.nodeId, point }),
    await sideOf(ctx, scope, { name: "b", text: query.b, nodeId: query.nodeId, point }),
  ];
  const { lanes, standing, identities, counts, byLayer } = compareNodes(a.facts, b.facts);
  return {
    nodeId: query.nodeId,
    knownAt: point.used.knownAt,
    a: a.view,
    b: b.view,
    counts,
    byLayer,
    standing,
    identities,
    lanes: lanes.map((lane) => ({
      ...lane,
      a: a.lanes.get(lane.key) ?? null,
      b: b.lanes.get(lane.key) ?? null,
    })),
  };
}

type Side = { view: ComparedSide; facts: NodeFacts; lanes: ReadonlyMap<string, CompareLaneSide> };
type SideRequest = { name: "a" | "b"; text: string; nodeId: string; point: AskedTime };

async function sideOf(ctx: ServiceContext, scope: readonly string[], request: SideRequest): Promise<Side> {
  const { name, text, point } = request;
  const ref = parseCompareRef(text);
  if (!ref) {
    throw refusal(name, "Give an instant in UTC, now, lastTrusted, or node:ID with an optional @instant.");
  }
  if (ref.kind === "baseline") throw refusal(name, "There are no baselines to compare with.");
  const nodeId = ref.nodeId ?? request.nodeId;
  const node = await visibleNode(ctx, scope, nodeId);
  const at = await instantOf(ctx, scope, { ...request, nodeId, time: ref.at });
  const moment = { nodeId, asOf: at, knownAt: point.knownAt, now: point.now };
  const state = await nodeStateAt(ctx, scope, moment);
  const statements = new Map(
    (await laneStatementList(ctx.db, scope, moment)).map((row) => [laneKey(row), row]),
  );
  const identities = await nodeIdentityList(ctx.db, scope, { nodeId, knownAt: point.knownAt });
  const lanes = state.lanes.flatMap((lane) => {
    const statement = statements.get(laneKey(lane.row));
    return statement ? [{ lane, statement }] : [];
  });
  const absolute = { kind: "instant", iso: at.toISOString() } as const;
  return {
    view: {
      ref: formatCompareRef({
        kind: "node",
        nodeId: nodeId === request.nodeId ? null : nodeId,
        at: absolute,
      }),
      nodeId,
      displayName: node.displayName,
      at: at.toISOString(),
      status: state.status,
      since: iso(state.sinceMs),
      reason: state.reason,
    },
    facts: {
      status: state.status,
      reason: state.reason,
      identities: identities.filter(({ validTo }) => validTo === null || validTo > at.getTime()),
      lanes: lanes.map(({ lane, statement }) => laneFacts(lane, statement)),
    },
    lanes: new Map(lanes.map(({ lane, statement }) => [laneKey(lane.row), laneSide(lane, statement)])),
  };
}

const laneKey = ({ sourceId, submod }: { sourceId: string; submod: string }) => `${sourceId}/${submod}`;

/** The instant that a side means, by what was known. */
async function instantOf(
  ctx: ServiceContext,
  scope: readonly string[],
  { name, nodeId, point, time }: SideRequest & { time: CompareTime },
): Promise<Date> {
  const latest = point.knownAt ?? point.now;
  if (time.kind === "now") return latest;
  if (time.kind === "lastTrusted") {
    const { status, lastTrustedMs } = await nodeStateAt(ctx, scope, { ...point, nodeId, asOf: latest });
    if (status === "trusted") return latest;
    if (lastTrustedMs === null) throw refusal(name, "The node has never been trusted.");
    // Intervals are half-open: its end is the first instant at which trust no longer held.
    return new Date(lastTrustedMs - 1);
  }
  const parsed = Instant.safeParse(time.iso);
  if (!parsed.success) throw refusal(name, "There is no such instant.");
  const at = new Date(parsed.data);
  if (at > latest) throw refusal(name, "The instant lies in the future of what is known.");
  return at;
}

function laneFacts({ row, label, state }: LaneMoment, statement: LaneStatementRow): LaneFacts {
  const { outcome, tier, vector, coverage, policyIds, verifierId, verifierBuild, eventHash } = statement;
  return {
    key: laneKey(row),
    label,
    state,
    reason: row.reason,
    outcome,
    tier,
    vector,
    coverage,
    policyIds,
    verifier: eventHash === null ? null : { id: verifierId, build: verifierBuild },
    measurements: statement.measurementDigest === null ? {} : statement.measurements,
  };
}

function laneSide({ state, sinceMs }: LaneMoment, statement: LaneStatementRow): CompareLaneSide {
  const { observedAt, eventHash, measurementDigest, measurements } = statement;
  return {
    state,
    since: iso(sinceMs),
    observedAt: isoOrNull(observedAt),
    eventHash,
    measurementDigest,
    measurements: Object.keys(measurements ?? {}).length,
  };
}

function refusal(name: string, detail: string): ProblemError {
  return new ProblemError("request/invalid", `#/query/${name}: ${detail}`, {
    pointers: [{ pointer: `#/query/${name}`, detail }],
  });
}
