/** Remediation: requests to do something to nodes, what people say to them, and what was done. */
import { z } from "zod";
import { APPROVER_GROUPS } from "#lib/domain/approval";
import { LIFECYCLE_STATES, type LifecycleState } from "#lib/domain/lifecycle-table";
import { ACTIONS, REMEDIATION_REASON_MIN, REQUEST_STATES } from "#lib/domain/remediation";
import {
  CHECK_SOURCES,
  REMEDIATION_TABS,
  REQUEST_ORIGINS,
  STEP_STATES,
  TARGETS_MAX,
} from "#lib/domain/remediation-plan";
import { Cursor, Instant, Status, Uuid } from "./common.ts";
import { RemediationLimitValues } from "./remediation-limits.ts";
import { presentQuery } from "./time.ts";

const Reason = z.string().trim().min(REMEDIATION_REASON_MIN).max(1_000);
const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Action = z.enum(ACTIONS);
const Window = z.enum(["ignore", "respect"]);
const Lifecycle = z.enum(Object.keys(LIFECYCLE_STATES) as [LifecycleState, ...LifecycleState[]]);
const Params = z.record(z.string().max(60), z.unknown());

/** Which nodes; a query is resolved once, and what it found is what is asked for. */
export const TargetSelection = z.union([
  z.strictObject({ nodeIds: z.array(Uuid).min(1).max(TARGETS_MAX) }),
  z.strictObject({
    /** In the language of the node list. */
    query: z.string().trim().min(1).max(500),
    /** How many nodes were seen to match: others than these are refused. */
    expected: z.int().min(1).max(TARGETS_MAX),
  }),
]);
export type TargetSelection = z.infer<typeof TargetSelection>;

export const PreviewRemediationBody = z.strictObject({
  action: Action,
  targets: TargetSelection,
  /** Absent = the usual one of the action. */
  recipe: z.string().min(1).max(60).optional(),
  params: Params.default({}),
  /** Not before; absent = as soon as it is approved. */
  startAt: Instant.optional(),
  /** Whether it waits for the maintenance windows of its nodes; absent = as is usual for the action. */
  window: Window.optional(),
  /** Drilled for real: only on nodes that are marked as sacrificial, and told apart everywhere. Absent = it is meant. */
  drill: z.boolean().optional(),
});
export type PreviewRemediationBody = z.infer<typeof PreviewRemediationBody>;

const Ticket = z.string().trim().min(1).max(200);

export const RequestRemediationBody = PreviewRemediationBody.extend({
  reason: Reason,
  /** Reference to a ticket elsewhere. */
  ticket: Ticket.optional(),
});
export type RequestRemediationBody = z.infer<typeof RequestRemediationBody>;

/** Every check and every preview, and nothing that is done. */
export const RehearseRemediationBody = RequestRemediationBody.omit({ drill: true });
export type RehearseRemediationBody = z.infer<typeof RehearseRemediationBody>;

/** Executed at once, reviewed afterwards; quarantine only. */
export const BreakGlassBody = z.strictObject({
  action: z.literal("quarantine"),
  targets: TargetSelection,
  recipe: z.string().min(1).max(60).optional(),
  params: Params.default({}),
  reason: Reason,
  ticket: Ticket.optional(),
});
export type BreakGlassBody = z.infer<typeof BreakGlassBody>;

export const VoteBody = z.strictObject({
  decision: z.enum(["approve", "deny"]),
  /** The plan that the voter saw: the vote counts for no other. */
  planHash: Hash,
  reason: Reason,
});
export type VoteBody = z.infer<typeof VoteBody>;

/** Fewer nodes, by somebody who may vote: another plan, to which nobody has said anything yet. */
export const NarrowBody = z.strictObject({
  planHash: Hash,
  /** Those that stay. */
  nodeIds: z.array(Uuid).min(1).max(TARGETS_MAX),
  reason: Reason,
});
export type NarrowBody = z.infer<typeof NarrowBody>;

export const DelegateBody = z.strictObject({ to: Uuid, reason: Reason });
export type DelegateBody = z.infer<typeof DelegateBody>;

/** `claim: false` = not any more. */
export const ClaimBody = z.strictObject({ claim: z.boolean() });
export type ClaimBody = z.infer<typeof ClaimBody>;

/** Of cancel, abort and retry. */
export const BecauseBody = z.strictObject({ reason: Reason });
export type BecauseBody = z.infer<typeof BecauseBody>;

export const ReviewBody = z.strictObject({ decision: z.enum(["ratified", "disputed"]), note: Reason });
export type ReviewBody = z.infer<typeof ReviewBody>;

/** How far one condition is met. All conditions must be, by different people. */
const Meter = z.strictObject({
  groups: z.array(z.enum(APPROVER_GROUPS)),
  min: z.int(),
  have: z.int(),
  /** Those whose approval counts for it. */
  people: z.array(z.string()),
});

export const RemediationCheck = z.strictObject({
  /** Which rule; for a check of a connector `kind/rule`. */
  rule: z.string(),
  /** `fleet` = from our own data, `target` = read from what would be acted on. */
  source: z.enum(CHECK_SOURCES),
  about: z.string(),
  ok: z.boolean(),
  /** It is not started while this is not kept; otherwise it is said and no more. */
  blocking: z.boolean(),
  /** One sentence with the figures. */
  sentence: z.string(),
});
export type RemediationCheck = z.infer<typeof RemediationCheck>;

/** Until when credentials of the nodes may be accepted, whatever is done to the nodes. */
const Residual = z.discriminatedUnion("state", [
  z.strictObject({ state: z.literal("none") }),
  z.strictObject({ state: z.literal("unknown") }),
  z.strictObject({ state: z.literal("until"), until: Instant }),
]);

const Review = z.strictObject({
  state: z.enum(["open", "ratified", "disputed"]),
  dueAt: Instant,
  by: z.string().nullable(),
  at: Instant.nullable(),
  note: z.string().nullable(),
});

export const RemediationSummary = z.strictObject({
  id: Uuid,
  action: Action,
  recipe: z.string(),
  origin: z.enum(REQUEST_ORIGINS),
  state: z.enum(REQUEST_STATES),
  reason: z.string(),
  ticket: z.string().nullable(),
  /** `null` = a policy. */
  requestedBy: z.string().nullable(),
  requestedAt: Instant,
  /** Of the state it is in: of waiting for approvals, then of being approved. */
  expiresAt: Instant,
  startAt: Instant.nullable(),
  approvedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  /** Why it ended as it did; `null` = it goes on or succeeded. */
  outcome: z.string().nullable(),
  /** Why it is approved and not started yet; `null` = nothing holds it back. */
  held: z.string().nullable(),
  /** The first five by name. */
  nodes: z.strictObject({ total: z.int(), names: z.array(z.string()) }),
  /** Places that are filled, of how many. */
  approvals: z.strictObject({ have: z.int(), need: z.int() }),
  /** Checks that were not kept when it was asked for. */
  failedChecks: z.int(),
  /** Who said "I look at it"; `null` = nobody. */
  claimedBy: z.strictObject({ email: z.string(), at: Instant, mine: z.boolean() }).nullable(),
  /** `null` = it needs none. */
  review: Review.nullable(),
  /** The caller asked for it, with this or another account. */
  mine: z.boolean(),
  /** The caller's vote is asked for. */
  waitingOnMe: z.boolean(),
});
export type RemediationSummary = z.infer<typeof RemediationSummary>;

const Target = z.strictObject({
  nodeId: Uuid,
  name: z.string(),
  status: Status,
  lifecycle: Lifecycle,
  disposition: z.string(),
  /** `""` = not known. */
  pool: z.string(),
  failureDomain: z.string().nullable(),
  quorum: z.string().nullable(),
  /** The provisioning that the plan is about; `null` = none was known. */
  incarnationId: Uuid.nullable(),
  /** What about it is not as it was planned; `null` = all is. */
  changed: z.string().nullable(),
});
export type RemediationTarget = z.infer<typeof Target>;

const Step = z.strictObject({
  nodeId: Uuid,
  nodeName: z.string(),
  ordinal: z.int(),
  /** `null` = a step of our own. */
  connectorId: Uuid.nullable(),
  connectorKind: z.string(),
  verb: z.string(),
  mandatory: z.boolean(),
  state: z.enum(STEP_STATES),
  attempts: z.int(),
  dueAt: Instant.nullable(),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  /** What was read back; `null` = nothing yet. */
  observed: z.record(z.string(), z.unknown()).nullable(),
  problem: z.string().nullable(),
});

const VoteView = z.strictObject({
  email: z.string(),
  mine: z.boolean(),
  decision: z.enum(["approve", "deny"]),
  reason: z.string(),
  at: Instant,
  planHash: Hash,
  /** Why it does not count; `null` = it does. */
  void: z.string().nullable(),
});

/** Why the caller may not do something now; `null` = they may. */
const May = z.string().nullable();

const WindowView = z.strictObject({
  mode: Window,
  /** When the windows of all nodes next allow it; `null` = now, or none is planned that does. */
  opensAt: Instant.nullable(),
});

export const RemediationDetail = RemediationSummary.extend({
  planHash: Hash,
  plan: z.strictObject({
    recipeVersion: z.int(),
    params: Params,
    /** Policies in force, with their versions; `null` = none but the built-in one. */
    policyVersion: z.string().nullable(),
    /** Hex digests of the verdicts that it rests on. */
    evidenceDigests: z.array(z.string()),
    /** The limits that it was checked against: with others in force it is another plan. */
    limits: RemediationLimitValues,
    /** It is not started after this, whoever approves. */
    expiresAt: Instant,
  }),
  window: WindowView,
  residual: Residual,
  targets: z.array(Target),
  /** Changes that it was asked for because of; empty for callers who may not read drift. */
  driftGroups: z.array(z.strictObject({ id: Uuid, path: z.string() })),
  /** As of when it was asked for. */
  checks: z.array(RemediationCheck),
  /** As of now, from our own data; empty when it is over or has been started. */
  checksNow: z.array(RemediationCheck),
  meter: z.array(Meter),
  votes: z.array(VoteView),
  delegations: z.array(z.strictObject({ from: z.string(), to: z.string(), reason: z.string(), at: Instant })),
  /** `null` = it was not started. */
  execution: z
    .strictObject({
      state: z.string(),
      startedAt: Instant,
      endedAt: Instant.nullable(),
      steps: z.array(Step),
    })
    .nullable(),
  may: z.strictObject({
    approve: May,
    deny: May,
    narrow: May,
    delegate: May,
    claim: May,
    cancel: May,
    abort: May,
    retry: May,
    review: May,
  }),
});
export type RemediationDetail = z.infer<typeof RemediationDetail>;

export const RemediationPreview = z.strictObject({
  action: Action,
  recipe: z.string(),
  recipeVersion: z.int(),
  targets: z.array(Target),
  checks: z.array(RemediationCheck),
  rules: z.array(z.strictObject({ groups: z.array(z.enum(APPROVER_GROUPS)), min: z.int() })),
  window: WindowView,
  residual: Residual,
  evidenceDigests: z.array(z.string()),
  policyVersion: z.string().nullable(),
  /** The limits in force. */
  limits: RemediationLimitValues,
  /** It would not be started after this. */
  expiresAt: Instant,
  may: z.strictObject({ request: May, breakGlass: May }),
});
export type RemediationPreview = z.infer<typeof RemediationPreview>;

const PRESENT = presentQuery(
  "requests are decided now; each says when it was asked for, voted on, started and ended.",
);

export const RemediationQuery = z.strictObject(PRESENT);

export const RemediationListQuery = z.strictObject({
  /** `in_progress` = everything that is not over. */
  tab: z.enum(REMEDIATION_TABS).default("in_progress"),
  /** Only requests about this node. */
  nodeId: Uuid.optional(),
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  ...PRESENT,
});
export type RemediationListQuery = z.infer<typeof RemediationListQuery>;

/** Last asked for first. */
export const RemediationList = z.strictObject({
  items: z.array(RemediationSummary),
  nextCursor: Cursor.nullable(),
  /** Of every tab, whatever the page. */
  counts: z.record(z.enum(REMEDIATION_TABS), z.int()),
});
export type RemediationList = z.infer<typeof RemediationList>;

/** What was done at once and nobody has looked at yet, soonest due first. */
export const OpenReviews = z.strictObject({
  items: z.array(
    z.strictObject({
      requestId: Uuid,
      action: Action,
      requestedBy: z.string().nullable(),
      at: Instant,
      dueAt: Instant,
      overdue: z.boolean(),
      nodes: z.int(),
      reason: z.string(),
      mayReview: May,
    }),
  ),
});
export type OpenReviews = z.infer<typeof OpenReviews>;

const PAUSE_SCOPES = ["automatic", "all"] as const;
export const PauseBody = z.strictObject({
  /** `automatic` = what policies would do by themselves; `all` = every start, break-glass too. */
  scope: z.enum(PAUSE_SCOPES),
  reason: Reason,
  /** At most seven days ahead. */
  until: Instant,
});
export type PauseBody = z.infer<typeof PauseBody>;

export const PauseView = z.strictObject({
  id: Uuid,
  scope: z.enum(PAUSE_SCOPES),
  reason: z.string(),
  /** `null` = the product itself, in a storm. */
  madeBy: z.string().nullable(),
  madeAt: Instant,
  until: Instant,
  endedAt: Instant.nullable(),
  /** Whether it holds now. */
  active: z.boolean(),
});
export type PauseView = z.infer<typeof PauseView>;

export const PauseEnded = z.strictObject({ id: Uuid, endedAt: Instant });

/** Those that hold now, then the newest 100 that are over. */
export const PauseList = z.strictObject({ items: z.array(PauseView) });
export type PauseList = z.infer<typeof PauseList>;

export const ApproverGroups = z.strictObject({
  groups: z.array(
    z.strictObject({
      group: z.enum(APPROVER_GROUPS),
      /** Nobody was put into it: whoever may approve counts as its member. */
      everybody: z.boolean(),
      members: z.array(
        z.strictObject({
          userId: Uuid,
          email: z.string(),
          /** Whether their role lets them approve now. */
          mayApprove: z.boolean(),
        }),
      ),
    }),
  ),
  /** Everybody whose role lets them approve, by e-mail. */
  approvers: z.array(z.strictObject({ userId: Uuid, email: z.string() })),
});
export type ApproverGroups = z.infer<typeof ApproverGroups>;

/** All members of one group; an empty list makes it every approver. */
export const PutApproverGroupBody = z.strictObject({ members: z.array(Uuid).max(200) });
export type PutApproverGroupBody = z.infer<typeof PutApproverGroupBody>;
