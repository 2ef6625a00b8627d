/** Nodes: list, one node, its timeline, evidence and bootstrap events. */
import { z } from "zod";
import { BOOTSTRAP_OUTCOMES } from "#lib/domain/bootstrap-event";
import { IDENTITY_ROLES } from "#lib/domain/identity";
import { LANE_STATES } from "#lib/domain/trust-status";
import {
  CoverageName,
  Cursor,
  Instant,
  OutcomeName,
  ReasonView,
  Status,
  TierName,
  Uuid,
  Vector,
} from "./common.ts";
import { LifecycleStateName } from "./lifecycle.ts";
import { TimePointAnswer, TimePointQuery, WindowQuery } from "./time.ts";

export const NODE_SORTS = ["name", "-name", "since", "-since", "status"] as const;

export const NodeListQuery = z.strictObject({
  /**
   * Free words match the name or any identity; `status:failed,stale`, `lifecycle:enrolling`, `source:NAME`
   * and `label:role=gpu` narrow down.
   */
  q: z.string().max(500).default(""),
  sort: z.enum(NODE_SORTS).default("status"),
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  ...TimePointQuery,
});
export type NodeListQuery = z.infer<typeof NodeListQuery>;

export const NodeRow = z.strictObject({
  id: Uuid,
  displayName: z.string(),
  status: Status,
  since: Instant,
  reason: z.string(),
  /** Passes although its verifier checks less than it did before. */
  reduced: z.boolean(),
  lifecycle: LifecycleStateName,
  /** `null` when the node has never been appraised. */
  lastEvidenceAt: Instant.nullable(),
  /** Names of the sources that have evidence about it. */
  sources: z.array(z.string()),
  createdAt: Instant,
});
export type NodeRow = z.infer<typeof NodeRow>;

export const NodeListPage = z.strictObject({
  ...TimePointAnswer,
  items: z.array(NodeRow),
  nextCursor: Cursor.nullable(),
  /** Nodes that match the query in all, computed with the same `asOf`. */
  total: z.int(),
  /** Matches per status, with every filter but the status one applied. */
  facets: z.record(Status, z.int()),
});
export type NodeListPage = z.infer<typeof NodeListPage>;

export const IdentityView = z.strictObject({
  kind: z.string(),
  value: z.string(),
  strong: z.boolean(),
  role: z.enum(IDENTITY_ROLES),
  /** The provisioning that it belongs to; `null` = it stays with the machine. */
  incarnationId: Uuid.nullable(),
  validFrom: Instant,
  validTo: Instant.nullable(),
});
export type IdentityView = z.infer<typeof IdentityView>;

/** One provisioning of a node. */
export const IncarnationView = z.strictObject({
  id: Uuid,
  openedAt: Instant,
  /** `null` = it is the one that holds now. */
  closedAt: Instant.nullable(),
  why: z.string(),
});
export type IncarnationView = z.infer<typeof IncarnationView>;

export const LaneView = z.strictObject({
  sourceId: Uuid,
  sourceName: z.string(),
  sourceKind: z.string(),
  submod: z.string(),
  state: z.enum(LANE_STATES),
  since: Instant,
  firstAt: Instant,
  lastAt: Instant,
  /** When silence turns this line stale; `null` = it has no expected cadence. */
  staleAt: Instant.nullable(),
  /** Expected interval of this line, as observed; `null` = not known yet, or it has no time limit. */
  cadenceMs: z.int().nullable(),
  /** When its next verdict is due; may lie in the past. */
  dueAt: Instant.nullable(),
  /** Silent: `lane` = its source is heard but says nothing about this line; `source` = nothing at all comes. */
  silence: z.enum(["lane", "source"]).nullable(),
  /** What its verifier checked before and does not any more, though it passes; `null` = nothing. */
  coverageLoss: z
    .strictObject({
      since: Instant,
      lost: z.array(z.string()),
      coverageBefore: z.array(z.string()),
      coverageAfter: z.array(z.string()),
      policiesBefore: z.array(z.string()),
      policiesAfter: z.array(z.string()),
    })
    .nullable(),
  verdicts: z.int(),
});
export type LaneView = z.infer<typeof LaneView>;

export const NodeQuery = z.strictObject(TimePointQuery);
export type NodeQuery = z.infer<typeof NodeQuery>;

export const NodeView = z.strictObject({
  ...TimePointAnswer,
  id: Uuid,
  displayName: z.string(),
  createdAt: Instant,
  status: Status,
  since: Instant,
  reason: z.string(),
  /** The life cycle state: something apart from the trust status. */
  lifecycle: z.strictObject({ state: LifecycleStateName, since: Instant }),
  /** What operators want with it; `null` as of an earlier instant, because it keeps no history. */
  disposition: z.string().nullable(),
  /** What operators call it by; `null` as of an earlier instant, because labels keep no history. */
  labels: z.record(z.string(), z.string()).nullable(),
  identities: z.array(IdentityView),
  /**
   * The oldest first. When identities were first seen is kept as it is known now: of an earlier knowledge those
   * without an identity that was known are left out.
   */
  incarnations: z.array(IncarnationView),
  lanes: z.array(LaneView),
  /** When the next verdict about it is due; `null` = no line has a cadence. May lie in the past. */
  nextDueAt: Instant.nullable(),
  /** Of a stale node that rests on one line: whether that line or its whole source is silent, in words. */
  silence: z.string().nullable(),
  /** Passes although its verifier checks less than it did before. */
  reduced: z.boolean(),
  /** End of the last stretch in which the node was trusted, when it is not now; `null` = never was, or is. */
  lastTrustedAt: Instant.nullable(),
});
export type NodeView = z.infer<typeof NodeView>;

export const TimelineQuery = z.strictObject({
  from: Instant,
  to: Instant,
  ...WindowQuery,
});
export type TimelineQuery = z.infer<typeof TimelineQuery>;

export const IntervalView = z.strictObject({
  from: Instant,
  /** `null` = still so. */
  to: Instant.nullable(),
  state: Status,
  reason: z.string(),
  outcome: OutcomeName.nullable(),
  tier: TierName.nullable(),
  vector: Vector.nullable(),
  kid: z.string().nullable(),
  measurementDigest: z.string().nullable(),
  /** Verdicts that this interval stands for; 0 in a gap. */
  verdicts: z.int(),
  firstAt: Instant.nullable(),
  lastAt: Instant.nullable(),
  recordedAt: Instant,
});
export type IntervalView = z.infer<typeof IntervalView>;

export const TimelineLane = z.strictObject({
  /** `trust` for the node's own line, else `<sourceId>/<submod>`. */
  key: z.string(),
  label: z.string(),
  kind: z.enum(["trust", "source"]),
  intervals: z.array(IntervalView),
});
export type TimelineLane = z.infer<typeof TimelineLane>;

/** A stay in one state of the life cycle. */
export const LifecycleStay = z.strictObject({
  state: LifecycleStateName,
  from: Instant,
  /** `null` = still so. */
  to: Instant.nullable(),
  /** Transition that led into it; `null` = it was first seen then. */
  rule: z.string().nullable(),
  /** What moved it: an event type, verdict or timer. */
  event: z.string().nullable(),
  recordedAt: Instant,
  /** Attempts that were refused during the stay. */
  refused: z.int(),
});
export type LifecycleStay = z.infer<typeof LifecycleStay>;

export const EventView = z.strictObject({
  id: Uuid,
  type: z.string(),
  phase: z.string(),
  outcome: z.enum(BOOTSTRAP_OUTCOMES),
  reasonCode: z.string().nullable(),
  reasonText: z.string().nullable(),
  occurredAt: Instant,
  receivedAt: Instant,
  sourceName: z.string(),
  method: z.string().nullable(),
  actorAddress: z.string().nullable(),
  identities: z.array(z.strictObject({ kind: z.string(), value: z.string() })),
  /** Whether somebody checked where an installed image came from; `null` = the event does not say. */
  provenance: z
    .strictObject({ verified: z.boolean(), by: z.string().nullable(), digest: z.string().nullable() })
    .nullable(),
});
export type EventView = z.infer<typeof EventView>;

export const Timeline = z.strictObject({
  nodeId: Uuid,
  from: Instant,
  to: Instant,
  /** First thing ever recorded about the node. */
  earliest: Instant,
  knownAt: Instant,
  lanes: z.array(TimelineLane),
  events: z.array(EventView),
  /** Stays in states of the life cycle, oldest first, without holes. */
  lifecycle: z.array(LifecycleStay),
  /** Stretches that rested on a key which is distrusted now, and were derived anew without it. */
  distrusted: z.array(
    z.strictObject({
      laneKey: z.string(),
      laneLabel: z.string(),
      kid: z.string(),
      since: Instant,
      from: Instant,
      to: Instant.nullable(),
    }),
  ),
  /**
   * Everything from this instant on is here, of every lane alike. Later than `from` when there is more than
   * one answer holds: the newest is kept.
   */
  completeFrom: Instant,
});
export type Timeline = z.infer<typeof Timeline>;

export const EvidenceQuery = z.strictObject({
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(25),
  /** Only verdicts observed at or before this instant. */
  before: Instant.optional(),
  ...TimePointQuery,
});
export type EvidenceQuery = z.infer<typeof EvidenceQuery>;

/** Hex SHA-256 that names a verdict within its node. */
export const EventHash = z.string().regex(/^[0-9a-f]{64}$/);

export const VerdictView = z.strictObject({
  /** Hex digest that names the verdict within its node; part of the evidence URL. */
  eventHash: z.string(),
  observedAt: Instant,
  receivedAt: Instant,
  expiresAt: Instant.nullable(),
  sourceId: Uuid,
  sourceName: z.string(),
  submod: z.string(),
  state: Status,
  outcome: OutcomeName,
  tier: TierName,
  vector: Vector,
  vectorOrigin: z.enum(["native", "derived"]),
  mappingVersion: z.string().nullable(),
  statusMismatch: z.boolean(),
  coverage: z.array(CoverageName),
  reasons: z.array(ReasonView),
  policyIds: z.array(z.string()),
  verifierId: z.string().nullable(),
  verifierBuild: z.string().nullable(),
  freshness: z.enum(["evidence", "result_only", "none"]),
  signature: z.strictObject({
    status: z.enum(["verified", "unsigned_transport_auth"]),
    kid: z.string().nullable(),
    alg: z.string().nullable(),
  }),
  backfill: z.boolean(),
  rawSha256: z.string(),
  rawMediaType: z.string(),
  /** The bytes are still stored and can be downloaded. */
  rawAvailable: z.boolean(),
  measurementDigest: z.string().nullable(),
});
export type VerdictView = z.infer<typeof VerdictView>;

export const EvidencePage = z.strictObject({
  ...TimePointAnswer,
  items: z.array(VerdictView),
  nextCursor: Cursor.nullable(),
});
export type EvidencePage = z.infer<typeof EvidencePage>;

/** One verdict with everything that opens from it. */
export const VerdictDetail = z.strictObject({
  verdict: VerdictView,
  measurements: z.record(z.string(), z.string()),
  /** Decoded claims of the token or document, as JSON; `null` when the bytes are gone or no JSON. */
  claims: z.unknown().nullable(),
  /** Decoded protected header of a signed token; `null` for unsigned bodies. */
  header: z.unknown().nullable(),
  /** Where measured-boot and IMA logs stand in the claims (RFC 6901); their own endpoint takes them apart. */
  eventLogs: z.array(z.string()),
});
export type VerdictDetail = z.infer<typeof VerdictDetail>;

export const NodeEventsQuery = z.strictObject({
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  ...TimePointQuery,
});
export type NodeEventsQuery = z.infer<typeof NodeEventsQuery>;

export const NodeEventsPage = z.strictObject({
  ...TimePointAnswer,
  items: z.array(EventView),
  nextCursor: Cursor.nullable(),
});
export type NodeEventsPage = z.infer<typeof NodeEventsPage>;
