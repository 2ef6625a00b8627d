/** How much remediation may take away at a time, per trust domain. */
import { z } from "zod";
import { refuseLabels } from "#lib/domain/node-labels";
import { REMEDIATION_REASON_MIN } from "#lib/domain/remediation";
import { LIMIT_BOUNDS, type LimitNumber, PLACE_LABELS_MAX } from "#lib/domain/remediation-limits";
import { Instant, Uuid } from "./common.ts";
import { presentQuery } from "./time.ts";

const within = (name: LimitNumber) => z.int().min(LIMIT_BOUNDS[name][0]).max(LIMIT_BOUNDS[name][1]);

const distinct = (names: readonly string[]) => new Set(names).size === names.length;
const LabelName = z
  .string()
  .refine((name) => refuseLabels({ [name]: null }) === null, "This is no name of a label.");
/** `name` or `name=value`. */
const LabelMark = z.string().refine((mark) => {
  const at = mark.indexOf("=");
  return refuseLabels(at < 0 ? { [mark]: null } : { [mark.slice(0, at)]: mark.slice(at + 1) }) === null;
}, "Write the name of a label, or name=value.");
const Names = (min: number, item: z.ZodType<string>) =>
  z.array(item).min(min).max(PLACE_LABELS_MAX).refine(distinct, "Name each label once.");

/** What is in force, and what a plan was checked against. */
export const RemediationLimitValues = z.strictObject({
  /** Percent of a pool that may be away at a time; rounds down, but one node always may. */
  poolPercent: within("poolPercent"),
  /** Percent of a pool that must serve after an action. */
  minHealthyPercent: within("minHealthyPercent"),
  /** Failure domains of one pool in which nodes may be away at a time. */
  maxFailureDomains: within("maxFailureDomains"),
  /** Members of a control plane that may be acted on at a time; 0 = none ever. Its majority is kept in any case. */
  quorumAtATime: within("quorumAtATime"),
  /** Nodes that automatic containment may take within ten minutes. */
  autoPerWindow: within("autoPerWindow"),
  /** A storm: more than this percent of a pool failed alike within ten minutes … */
  stormPercent: within("stormPercent"),
  /** … or nodes of so many pools. */
  stormPools: within("stormPools"),
  /** Fewer nodes are never a storm. */
  stormNodes: within("stormNodes"),
  /** Labels that name a node's pool; the first that it has counts. */
  poolLabels: Names(1, LabelName),
  failureDomainLabels: Names(1, LabelName),
  /** `name` or `name=value`; what else marks members of a control plane, beside the built-in labels. */
  controlPlaneLabels: Names(0, LabelMark),
});

const Room = z.strictObject({
  /** `""` = nodes without a pool. */
  name: z.string(),
  nodes: z.int(),
  /** How many may be away at a time. */
  mayBeAway: z.int(),
  /** How many are away now, whoever is the cause. */
  away: z.int(),
  /** Those that are away are in so many failure domains. */
  awayDomains: z.int(),
});

const Quorum = z.strictObject({
  name: z.string(),
  members: z.int(),
  away: z.int(),
  majority: z.int(),
  /** Whether one more may be acted on now. */
  oneMore: z.boolean(),
});

/** What limits allow in a domain as it is now. */
export const LimitsRoom = z.strictObject({
  nodes: z.int(),
  /** The fullest first, at most 100. */
  pools: z.array(Room),
  poolsTotal: z.int(),
  /** Pools of a single node: each of them may be away entirely. */
  singlePools: z.int(),
  /** At most 100. */
  quorums: z.array(Quorum),
});
export type LimitsRoom = z.infer<typeof LimitsRoom>;

export const RemediationLimitsView = z.strictObject({
  domains: z.array(
    z.strictObject({
      trustDomainId: Uuid,
      name: z.string(),
      /** 0 = none were set for this domain. */
      version: z.int(),
      origin: z.enum(["own", "inherited", "built_in"]),
      limits: RemediationLimitValues,
      reason: z.string().nullable(),
      changedAt: Instant.nullable(),
      changedBy: z.string().nullable(),
      now: LimitsRoom,
    }),
  ),
});
export type RemediationLimitsView = z.infer<typeof RemediationLimitsView>;

export const RemediationLimitsQuery = z.strictObject(
  presentQuery("limits hold now; their versions stand in the audit log."),
);

export const PreviewLimitsBody = z.strictObject({ trustDomainId: Uuid, limits: RemediationLimitValues });
export type PreviewLimitsBody = z.infer<typeof PreviewLimitsBody>;

export const SetLimitsBody = PreviewLimitsBody.extend({
  /** The version that was looked at. When another one holds meanwhile, nothing is saved. */
  version: z.int().min(0),
  reason: z.string().trim().min(REMEDIATION_REASON_MIN).max(1_000),
});
export type SetLimitsBody = z.infer<typeof SetLimitsBody>;

export const LimitsSet = z.strictObject({ version: z.int() });
export type LimitsSet = z.infer<typeof LimitsSet>;
