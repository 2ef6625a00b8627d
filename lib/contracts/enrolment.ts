/** Nodes that wait for a person, and nodes that somebody counts on. */
import { z } from "zod";
import { ENROLMENT_SETTINGS, ENROLMENT_STATES } from "#lib/domain/enrolment";
import { IDENTITY_KINDS } from "#lib/domain/verdict";
import { Instant, Status, Uuid } from "./common.ts";
import { ClaimedIdentity, DecisionReason } from "./identity.ts";
import { presentQuery } from "./time.ts";

export const EnrolmentView = z.strictObject({
  nodeId: Uuid,
  nodeName: z.string(),
  status: Status,
  state: z.enum(ENROLMENT_STATES),
  sourceId: Uuid,
  sourceName: z.string(),
  requestedAt: Instant,
  /** The last decision; `null` = nobody has decided. */
  decision: z.strictObject({ at: Instant, by: z.string(), reason: z.string() }).nullable(),
  identities: z.array(ClaimedIdentity),
  /** Open identity alarms of the node: a reason to look twice. */
  alarms: z.int(),
});
export type EnrolmentView = z.infer<typeof EnrolmentView>;

const EXPECTED_STATES = ["expected", "overdue", "enrolled", "withdrawn"] as const;

export const ExpectedNodeView = z.strictObject({
  id: Uuid,
  /** `provisioning` = nobody listed it; it was provisioned and then fell silent. */
  origin: z.enum(["inventory", "provisioning"]),
  name: z.string(),
  identities: z.array(ClaimedIdentity),
  state: z.enum(EXPECTED_STATES),
  dueAt: Instant,
  /** Why it is overdue; `null` unless it is. */
  reason: z.string().nullable(),
  createdAt: Instant,
  provisionedAt: Instant.nullable(),
  enrolledAt: Instant.nullable(),
  nodeId: Uuid.nullable(),
});
export type ExpectedNodeView = z.infer<typeof ExpectedNodeView>;

export const EnrolmentQueueQuery = z.strictObject({
  /** `open` = waiting, paused, expected and overdue; `all` adds what is decided or has come. */
  state: z.enum(["open", "all"]).default("open"),
  ...presentQuery(
    "this is the queue that people decide on now; each entry says when it was asked and decided.",
  ),
});
export type EnrolmentQueueQuery = z.infer<typeof EnrolmentQueueQuery>;

/** At most 200 of each, the oldest first; the counts are complete. */
export const EnrolmentQueue = z.strictObject({
  enrolments: z.array(EnrolmentView),
  expected: z.array(ExpectedNodeView),
  counts: z.strictObject({
    waiting: z.int(),
    paused: z.int(),
    denied: z.int(),
    expected: z.int(),
    overdue: z.int(),
  }),
});
export type EnrolmentQueue = z.infer<typeof EnrolmentQueue>;

export const DecideEnrolmentBody = z.strictObject({
  decision: z.enum(["accepted", "denied"]),
  reason: DecisionReason,
});
export type DecideEnrolmentBody = z.infer<typeof DecideEnrolmentBody>;

export const EnrolmentDecided = z.strictObject({ nodeId: Uuid, state: z.enum(ENROLMENT_STATES) });
export type EnrolmentDecided = z.infer<typeof EnrolmentDecided>;

export const SourceEnrolmentBody = z.strictObject({ enrolment: z.enum(ENROLMENT_SETTINGS) });
export type SourceEnrolmentBody = z.infer<typeof SourceEnrolmentBody>;

const ExpectedIdentity = z.strictObject({
  kind: z.enum(IDENTITY_KINDS),
  value: z.string().min(1).max(256),
});

/** One line of an inventory. Weak identities are refused: they can never tell that the node came. */
export const ExpectedNodeLine = z.strictObject({
  name: z.string().trim().min(1).max(256),
  identities: z.array(ExpectedIdentity).min(1).max(16),
  expectedBy: Instant.optional(),
});
export type ExpectedNodeLine = z.infer<typeof ExpectedNodeLine>;

export const ExpectNodesBody = z.strictObject({ nodes: z.array(ExpectedNodeLine).min(1).max(1_000) });
export type ExpectNodesBody = z.infer<typeof ExpectNodesBody>;

export const ExpectedNodesAdded = z.strictObject({
  added: z.int(),
  /** Names that are listed already; their lines were not taken. */
  known: z.array(z.string()),
});
export type ExpectedNodesAdded = z.infer<typeof ExpectedNodesAdded>;

export const ExpectedNodeWithdrawn = z.strictObject({ withdrawnAt: Instant });
