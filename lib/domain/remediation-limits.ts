/**
 * How much may be taken away at a time, and by which labels that is counted.
 *
 * Pure. Each trust domain is under its own limits, else those of the nearest domain above it, else the built-in ones.
 */
import type { BlastLimits, StormLimits } from "./blast-radius.ts";
import { canonicalJson } from "./change-request.ts";
import type { Labels } from "./node-labels.ts";

/** Which labels say where a node belongs; of several names the first that a node has counts. */
export type PlaceLabels = {
  poolLabels: readonly string[];
  failureDomainLabels: readonly string[];
  /** `name` or `name=value`, beside the built-in ones: those always count. */
  controlPlaneLabels: readonly string[];
};

export type RemediationLimits = BlastLimits &
  StormLimits &
  PlaceLabels & {
    /** Nodes that automatic containment may take within ten minutes, over all pools. */
    autoPerWindow: number;
  };

export const BUILT_IN_LIMITS: RemediationLimits = {
  poolPercent: 10,
  minHealthyPercent: 51,
  maxFailureDomains: 1,
  quorumAtATime: 1,
  autoPerWindow: 3,
  stormPercent: 20,
  stormPools: 3,
  stormNodes: 3,
  poolLabels: ["pool", "cluster"],
  failureDomainLabels: ["topology.kubernetes.io/zone", "zone", "rack"],
  controlPlaneLabels: [],
};

/**
 * What nobody may set them beyond, least and most. Where less care than the built-in limit would be unsafe, the
 * built-in limit is the bound: most of a pool serves, one member of a control plane at a time, and a storm is seen as
 * early as that at least. That a control plane keeps its majority is no setting at all.
 */
export const LIMIT_BOUNDS = {
  poolPercent: [1, 49],
  minHealthyPercent: [BUILT_IN_LIMITS.minHealthyPercent, 100],
  maxFailureDomains: [1, 10],
  /** 0 = nothing is done to control planes from here. */
  quorumAtATime: [0, BUILT_IN_LIMITS.quorumAtATime],
  /** 0 = automatic containment takes nothing. */
  autoPerWindow: [0, 10],
  stormPercent: [1, BUILT_IN_LIMITS.stormPercent],
  stormPools: [2, BUILT_IN_LIMITS.stormPools],
  stormNodes: [2, BUILT_IN_LIMITS.stormNodes],
} as const satisfies Record<string, readonly [number, number]>;
export type LimitNumber = keyof typeof LIMIT_BOUNDS;
export const LIMIT_NUMBERS = Object.keys(LIMIT_BOUNDS) as LimitNumber[];

/** Label names of one kind. */
export const PLACE_LABELS_MAX = 8;

/** Labels and roles that always say that a node takes part in a quorum. */
const CONTROL_PLANE: readonly string[] = [
  "node-role.kubernetes.io/control-plane",
  "node-role.kubernetes.io/master",
  "node-role.kubernetes.io/etcd",
  "role=control-plane",
  "role=master",
  "role=etcd",
];

/** A label that says something by being there (`value: null`) or by its value. */
export type LabelMark = { name: string; value: string | null };

/** Everything that marks a member of a control plane. */
export function controlPlaneMarks({ controlPlaneLabels }: PlaceLabels): LabelMark[] {
  return [...new Set([...CONTROL_PLANE, ...controlPlaneLabels])].map((mark) => {
    const at = mark.indexOf("=");
    return at < 0 ? { name: mark, value: null } : { name: mark.slice(0, at), value: mark.slice(at + 1) };
  });
}

export const hasMark = (labels: Labels, { name, value }: LabelMark): boolean =>
  value === null ? labels[name] !== undefined : labels[name] === value;

/** Names of all labels that decide about a node's place. */
export function placeLabelNames(limits: PlaceLabels): string[] {
  const marks = controlPlaneMarks(limits).map(({ name }) => name);
  return [...new Set([...limits.poolLabels, ...limits.failureDomainLabels, ...marks, "cluster"])];
}

/** What each limit is called, with its figure. */
const LIMIT_WORDS: Readonly<Record<keyof RemediationLimits, (limits: RemediationLimits) => string>> = {
  poolPercent: ({ poolPercent }) => `the share of a pool that may be away (${poolPercent} %)`,
  minHealthyPercent: ({ minHealthyPercent }) =>
    `the share of a pool that must serve (${minHealthyPercent} %)`,
  maxFailureDomains: ({ maxFailureDomains }) => `failure domains at a time (${maxFailureDomains})`,
  quorumAtATime: ({ quorumAtATime }) => `members of a control plane at a time (${quorumAtATime})`,
  autoPerWindow: ({ autoPerWindow }) => `automatic containments within ten minutes (${autoPerWindow})`,
  stormPercent: ({ stormPercent }) => `the share of a pool that makes a storm (${stormPercent} %)`,
  stormPools: ({ stormPools }) => `pools that make a storm (${stormPools})`,
  stormNodes: ({ stormNodes }) => `the least nodes of a storm (${stormNodes})`,
  poolLabels: ({ poolLabels }) => `labels of pools (${poolLabels.join(", ")})`,
  failureDomainLabels: ({ failureDomainLabels }) =>
    `labels of failure domains (${failureDomainLabels.join(", ")})`,
  controlPlaneLabels: ({ controlPlaneLabels }) =>
    `labels of control planes (${["the built-in ones", ...controlPlaneLabels].join(", ")})`,
};
export const LIMIT_NAMES = Object.keys(LIMIT_WORDS) as (keyof RemediationLimits)[];

/** Every limit in words, with the figure that holds. */
export const limitWords = (limits: RemediationLimits): string[] =>
  LIMIT_NAMES.map((name) => LIMIT_WORDS[name](limits));

/** The limits that differ, in the words of what holds now; empty = none does. */
export function limitChanges(before: RemediationLimits, now: RemediationLimits): string[] {
  return LIMIT_NAMES.filter((name) => canonicalJson(before[name]) !== canonicalJson(now[name])).map((name) =>
    LIMIT_WORDS[name](now),
  );
}

/** Plans from before limits could be set were made under the built-in ones. */
export const limitsOfPlan = ({ limits }: { limits?: RemediationLimits }): RemediationLimits =>
  limits ?? BUILT_IN_LIMITS;
