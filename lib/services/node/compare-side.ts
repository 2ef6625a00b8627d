/** One side of a comparison that is a node at an instant. */
import { nodeIdentityList } from "#db/queries/node";
import { type LaneStatementRow, laneStatementList } from "#db/queries/node-at";
import type { TimePoint } from "#db/queries/time-sql";
import { Instant } from "#lib/contracts/common";
import type { ComparedSide, CompareLaneSide } from "#lib/contracts/compare";
import type { LaneFacts, NodeFacts } from "#lib/domain/compare-nodes";
import { type CompareRef, type CompareTime, formatCompareRef } from "#lib/domain/compare-ref";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { iso, isoOrNull } from "#lib/services/instant";
import type { AskedTime } from "#lib/services/time-point";
import { visibleNode } from "./find.ts";
import { type LaneMoment, nodeStateAt } from "./state-at.ts";

export type SideName = "a" | "b";

export type NodeSide = {
  trustDomainId: string;
  moment: TimePoint & { nodeId: string; asOf: Date };
  view: ComparedSide;
  facts: NodeFacts;
  lanes: ReadonlyMap<string, CompareLaneSide>;
};

type SideRequest = {
  name: SideName;
  ref: Extract<CompareRef, { kind: "node" }>;
  /** The node that the comparison is about. */
  nodeId: string;
  point: AskedTime;
};

/** @throws {ProblemError} `node/not-found`; `request/invalid` for an instant that cannot be compared */
export async function nodeSide(
  ctx: ServiceContext,
  scope: readonly string[],
  request: SideRequest,
): Promise<NodeSide> {
  const { ref, point } = request;
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
    trustDomainId: node.trustDomainId,
    moment,
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

export const laneKey = ({ sourceId, submod }: { sourceId: string; submod: string }) =>
  `${sourceId}/${submod}`;

/** The instant that a side means, by what was known. */
async function instantOf(
  ctx: ServiceContext,
  scope: readonly string[],
  { name, nodeId, point, time }: Pick<SideRequest, "name" | "nodeId" | "point"> & { time: CompareTime },
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

/** A side that cannot be compared, and why. */
export function refusal(name: SideName, detail: string): ProblemError {
  return new ProblemError("request/invalid", `#/query/${name}: ${detail}`, {
    pointers: [{ pointer: `#/query/${name}`, detail }],
  });
}
