/** What differs between two states of a node, or between two nodes: keyed and typed, lane by lane. */
import { CLAIMS } from "./ar4si.ts";
import { CHANGE_KINDS, type Change, type ChangeKind, diffMeasurements } from "./diff-measurements.ts";
import { LAYERS, type Layer, layerOf } from "./layers.ts";
import type { Measurements } from "./verdict.ts";

/** What one lane says. Members that are `null` are no longer stored: they are compared with nothing. */
export type LaneFacts = {
  key: string;
  label: string;
  state: string;
  reason: string;
  outcome: string;
  tier: string;
  vector: readonly number[];
  coverage: readonly string[] | null;
  policyIds: readonly string[] | null;
  verifier: { id: string | null; build: string | null } | null;
  measurements: Measurements | null;
};

export type NodeFacts = {
  status: string;
  reason: string;
  identities: readonly { kind: string; value: string; strong: boolean }[];
  lanes: readonly LaneFacts[];
};

export type MeasurementChange = Change & { layer: Layer };

export type LaneComparison = {
  key: string;
  label: string;
  /** State, reason, outcome and tier; the lane itself when only one side has it. */
  standing: Change[];
  claims: Change[];
  coverage: Change[];
  policies: Change[];
  verifier: Change[];
  measurements: MeasurementChange[];
  /** Measurements that are the same on both sides, per layer. */
  same: Record<Layer, number>;
};

export type NodeComparison = {
  standing: Change[];
  identities: Change[];
  lanes: LaneComparison[];
  counts: { total: number } & Record<ChangeKind, number>;
  /** Changed measurements of all lanes, per layer. */
  byLayer: Record<Layer, number>;
};

/** Compare two states. Swapping them inverts every change and nothing else. */
export function compareNodes(a: NodeFacts, b: NodeFacts): NodeComparison {
  const standing = diffMeasurements(standingOf(a), standingOf(b));
  const identities = diffMeasurements(identitiesOf(a), identitiesOf(b));
  const lanes = pairs(a.lanes, b.lanes).map(([one, other]) => compareLanes(one, other));
  const measured = lanes.flatMap(({ measurements }) => measurements);
  const all: Change[] = [...standing, ...identities, ...lanes.flatMap(changesOfLane)];
  const count = (kind: ChangeKind) => all.filter((change) => change.kind === kind).length;
  const kinds = Object.fromEntries(CHANGE_KINDS.map((kind) => [kind, count(kind)])) as Record<
    ChangeKind,
    number
  >;
  return {
    standing,
    identities,
    lanes,
    counts: { total: all.length, ...kinds },
    byLayer: perLayer(measured.map(({ layer }) => layer)),
  };
}

/** Every difference of a lane, of whatever kind. */
export function changesOfLane(lane: LaneComparison): Change[] {
  return [
    ...lane.standing,
    ...lane.claims,
    ...lane.coverage,
    ...lane.policies,
    ...lane.verifier,
    ...lane.measurements,
  ];
}

function pairs(
  a: readonly LaneFacts[],
  b: readonly LaneFacts[],
): [LaneFacts | undefined, LaneFacts | undefined][] {
  const [left, right] = [byKey(a), byKey(b)];
  const keys = [...new Set([...left.keys(), ...right.keys()])];
  const labelOf = (key: string) => (left.get(key) ?? right.get(key))?.label ?? key;
  const order = (x: string, y: string) => (x < y ? -1 : +(x > y));
  return keys
    .sort((x, y) => order(labelOf(x), labelOf(y)) || order(x, y))
    .map((key) => [left.get(key), right.get(key)]);
}

const byKey = (lanes: readonly LaneFacts[]) => new Map(lanes.map((lane) => [lane.key, lane]));

function compareLanes(a: LaneFacts | undefined, b: LaneFacts | undefined): LaneComparison {
  const [x, y] = [a?.measurements ?? null, b?.measurements ?? null];
  // A set that is gone is unknown, not empty: nothing was removed from it.
  const known = !(a && x === null) && !(b && y === null);
  const measurements = known ? diffMeasurements(x ?? {}, y ?? {}) : [];
  const changed = new Set(measurements.map(({ path }) => path));
  const same = known ? Object.keys(x ?? {}).filter((path) => !changed.has(path)) : [];
  const member = (of: (lane: LaneFacts) => Measurements | null) => diffKnown(a && of(a), b && of(b));
  return {
    key: (a ?? b)?.key ?? "",
    label: (a ?? b)?.label ?? "",
    standing: diffMeasurements(a ? laneStandingOf(a) : {}, b ? laneStandingOf(b) : {}),
    claims: member(claimsOf),
    coverage: member(({ coverage }) => presence(coverage, "checked")),
    policies: member(({ policyIds }) => presence(policyIds, "applied")),
    verifier: member(verifierOf),
    measurements: measurements.map((change) => ({ ...change, layer: layerOf(change.path) })),
    same: perLayer(same.map(layerOf)),
  };
}

/** `undefined` = the lane is not there, which is known; `null` = it is there but this is not stored. */
function diffKnown(a: Measurements | null | undefined, b: Measurements | null | undefined): Change[] {
  return a === null || b === null ? [] : diffMeasurements(a ?? {}, b ?? {});
}

const standingOf = ({ status, reason }: NodeFacts): Measurements => ({ status, reason });
const laneStandingOf = ({ state, reason, outcome, tier }: LaneFacts): Measurements => ({
  state,
  reason,
  outcome,
  tier,
});

function identitiesOf({ identities }: NodeFacts): Measurements {
  return Object.fromEntries(
    identities.map(({ kind, value, strong }) => [`${kind}/${value}`, strong ? "strong" : "weak"]),
  );
}

/** Claims by name; a claim that is not made is not there. */
function claimsOf({ vector }: LaneFacts): Measurements {
  return Object.fromEntries(
    CLAIMS.flatMap((claim, index) => (vector[index] ? [[claim, String(vector[index])]] : [])),
  );
}

function verifierOf({ verifier }: LaneFacts): Measurements | null {
  return (
    verifier &&
    Object.fromEntries(
      Object.entries(verifier).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
    )
  );
}

const presence = (names: readonly string[] | null, word: string): Measurements | null =>
  names && Object.fromEntries(names.map((name) => [name, word]));

/** How many of some layers there are of each. */
export function perLayer(layers: readonly Layer[]): Record<Layer, number> {
  const counts = new Map<Layer, number>();
  for (const layer of layers) counts.set(layer, (counts.get(layer) ?? 0) + 1);
  return Object.fromEntries(LAYERS.map((layer) => [layer, counts.get(layer) ?? 0])) as Record<Layer, number>;
}
