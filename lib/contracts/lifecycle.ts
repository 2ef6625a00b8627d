/** The life cycle of a node, and the board of nodes on their way to trust. */
import { z } from "zod";
import { FACT_NOTES, type FactNote } from "#lib/domain/lifecycle-record";
import { LIFECYCLE_STATES, type LifecycleState } from "#lib/domain/lifecycle-table";
import { Instant, Status, Uuid } from "./common.ts";
import { TimePointAnswer, TimePointQuery } from "./time.ts";

export const LifecycleStateName = z.enum(
  Object.keys(LIFECYCLE_STATES) as [LifecycleState, ...LifecycleState[]],
);

export const LifecycleQuery = z.strictObject(TimePointQuery);
export type LifecycleQuery = z.infer<typeof LifecycleQuery>;

export const TransitionView = z.strictObject({
  at: Instant,
  recordedAt: Instant,
  /** A refused attempt moved nothing. */
  outcome: z.enum(["moved", "refused"]),
  from: LifecycleStateName,
  /** `null` = whatever was asked for, the rule forbids it. */
  to: LifecycleStateName.nullable(),
  /** The transition (`T07`) that was made or whose guard refused, else the forbidden edge (`F08`). */
  rule: z.string(),
  /** Why it was refused. */
  reason: z.string().nullable(),
  event: z.string(),
  cause: z.strictObject({
    kind: z.enum(["bootstrap_event", "verdict", "line", "trigger", "timer"]),
    /** Id of the bootstrap event or trigger, hash of the verdict. */
    id: z.string().nullable(),
    sourceName: z.string().nullable(),
    reasonCode: z.string().nullable(),
    reasonText: z.string().nullable(),
  }),
  actor: z.strictObject({ kind: z.string(), id: z.string().nullable() }),
  policyVersion: z.string(),
  /** What was taken for granted because this version cannot know it. */
  notes: z.array(
    z.strictObject({ code: z.enum(Object.keys(FACT_NOTES) as [FactNote, ...FactNote[]]), text: z.string() }),
  ),
  /** Milliseconds in the state `from` until then. */
  afterMs: z.int(),
});
export type TransitionView = z.infer<typeof TransitionView>;

export const LifecycleView = z.strictObject({
  ...TimePointAnswer,
  nodeId: Uuid,
  state: LifecycleStateName,
  phase: z.string(),
  since: Instant,
  /** What operators want with the node; `null` as of an earlier instant, because it keeps no history. */
  disposition: z.string().nullable(),
  /** When a timer ends the state; `null` = none does. */
  timeoutAt: Instant.nullable(),
  /** Transitions made and refused, newest first. */
  history: z.array(TransitionView),
  /** There are older ones. */
  truncated: z.boolean(),
});
export type LifecycleView = z.infer<typeof LifecycleView>;

export const STAGE_NAMES = ["discovered", "provisioning", "enrolling", "attesting"] as const;

export const OnboardingNode = z.strictObject({
  id: Uuid,
  displayName: z.string(),
  state: LifecycleStateName,
  since: Instant,
  status: Status,
});
export type OnboardingNode = z.infer<typeof OnboardingNode>;

export const StageView = z.strictObject({
  stage: z.enum(STAGE_NAMES),
  nodes: z.int(),
  /** How long nodes stayed before they went on to the next stage; `null` when none did. */
  p50Ms: z.int().nullable(),
  p90Ms: z.int().nullable(),
  /** Stays behind the two figures. */
  n: z.int(),
  /** Those that have been there longest. */
  items: z.array(OnboardingNode),
});
export type StageView = z.infer<typeof StageView>;

export const OnboardingFailure = OnboardingNode.extend({
  failedFrom: LifecycleStateName,
  event: z.string(),
  reasonCode: z.string().nullable(),
  reasonText: z.string().nullable(),
});
export type OnboardingFailure = z.infer<typeof OnboardingFailure>;

export const OnboardingQuery = z.strictObject(TimePointQuery);
export type OnboardingQuery = z.infer<typeof OnboardingQuery>;

export const OnboardingBoard = z.strictObject({
  ...TimePointAnswer,
  /** Days of history behind the durations. */
  windowDays: z.int(),
  stages: z.array(StageView),
  trusted: z.strictObject({
    nodes: z.int(),
    /** Those that became trusted last. */
    items: z.array(OnboardingNode),
  }),
  failed: z.strictObject({ nodes: z.int(), items: z.array(OnboardingFailure) }),
  /** Failed bootstrap events of nobody in the last 24 hours. */
  unattributedFailures: z.int(),
});
export type OnboardingBoard = z.infer<typeof OnboardingBoard>;

export const RetryBody = z.strictObject({ step: z.enum(["provision", "enroll"]) });
export type RetryBody = z.infer<typeof RetryBody>;

export const RetryResult = z.strictObject({ state: LifecycleStateName });
export type RetryResult = z.infer<typeof RetryResult>;
