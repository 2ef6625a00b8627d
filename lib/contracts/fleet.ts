/** The fleet as a whole: counts by status and their course. */
import { z } from "zod";
import { FINDING_KINDS } from "#lib/domain/source-finding";
import { Instant, Status } from "./common.ts";
import { TimePointAnswer, TimePointQuery, WindowQuery } from "./time.ts";

const StatusCounts = z.record(Status, z.int());

export const FleetSummaryQuery = z.strictObject(TimePointQuery);
export type FleetSummaryQuery = z.infer<typeof FleetSummaryQuery>;

export const FleetSummary = z.strictObject({
  /** The instants that every figure here is about. */
  ...TimePointAnswer,
  nodes: z.int(),
  counts: StatusCounts,
  /** Trusted nodes as a share of all nodes, 0..1; `null` when there are no nodes. */
  trustedRatio: z.number().nullable(),
  /** Nodes whose newest evidence is within its source's time limit. */
  freshNodes: z.int(),
  /** Newest evidence of the node that was heard longest ago; `null` without nodes. */
  oldestEvidenceAt: Instant.nullable(),
  /** Failed bootstrap events of the last 24 hours that belong to no known node. */
  unattributedFailures: z.int(),
  /** Of the trusted nodes, those that pass although their verifier checks less than it did before. */
  trustedReduced: z.int(),
  /** Findings about sources that were open then, most urgent first. */
  findings: z.array(
    z.strictObject({
      id: z.uuid(),
      sourceId: z.uuid(),
      sourceName: z.string(),
      kind: z.enum(FINDING_KINDS),
      since: Instant,
      sentence: z.string(),
      nodes: z.int(),
    }),
  ),
  /**
   * Distinct refused events of the last 24 hours. Of an earlier instant: those refused for the first time
   * in the 24 hours before it, because a repeat only counts up.
   */
  rejectedEvents: z.int(),
  /**
   * Findings that two parties claim to be one machine and that nobody had settled. One that was raised again
   * counts as open all the time before, because only the last settlement is kept.
   */
  identityAlarms: z.int(),
  /** Nodes whose enrolment waited for a person. */
  enrolmentsWaiting: z.int(),
  /** Nodes that were counted on and never enrolled. */
  overdueNodes: z.int(),
  /** Nodes that were discovered or began to enrol and have sent no verdict. */
  neverAttested: z.int(),
});
export type FleetSummary = z.infer<typeof FleetSummary>;

export const FleetTrendQuery = z.strictObject({
  from: Instant,
  to: Instant,
  /** Number of evenly spaced instants, both ends included. */
  points: z.coerce.number().int().min(2).max(400).default(96),
  ...WindowQuery,
});
export type FleetTrendQuery = z.infer<typeof FleetTrendQuery>;

export const FleetTrend = z.strictObject({
  knownAt: Instant,
  points: z.array(z.strictObject({ at: Instant, nodes: z.int(), counts: StatusCounts })),
});
export type FleetTrend = z.infer<typeof FleetTrend>;

export const FleetChangesQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  ...TimePointQuery,
});
export type FleetChangesQuery = z.infer<typeof FleetChangesQuery>;

/** A change of a node's trust status, newest first. */
export const RecentChange = z.strictObject({
  nodeId: z.uuid(),
  displayName: z.string(),
  at: Instant,
  from: Status.nullable(),
  to: Status,
  reason: z.string(),
});
export type RecentChange = z.infer<typeof RecentChange>;

export const RecentChanges = z.strictObject({ ...TimePointAnswer, items: z.array(RecentChange) });
export type RecentChanges = z.infer<typeof RecentChanges>;
